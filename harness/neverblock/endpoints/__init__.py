"""What is asked: the endpoints of an app, their requests, and why one refuses."""
