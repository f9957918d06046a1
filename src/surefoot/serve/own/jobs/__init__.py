"""Long commands begun over HTTP."""
