"""What runs inside the server under test, and the reader of the trace it leaves behind."""
