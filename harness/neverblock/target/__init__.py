"""What is measured: our server, a command of the user, or a URL."""
