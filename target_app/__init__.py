"""The reference app: blocking calls and their replacements, side by side, to be measured."""
