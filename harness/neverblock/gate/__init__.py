"""A run and a policy in, a decision out; two runs compared."""
