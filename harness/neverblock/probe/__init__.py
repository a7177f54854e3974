"""What runs inside the server under test; see README.md for its threads."""
