"""Long work: begun with a forecast, watched, stopped and gone on with."""
