"""Pages for people without Python: offline HTML of models and of notebooks."""
