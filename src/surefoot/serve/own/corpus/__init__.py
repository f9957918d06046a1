"""The corpus as it is kept: states of files, what a sync would do, changes by hand, how texts are cut."""
