"""One module a screen; each has a `router` whose routes are below `/ui`."""
