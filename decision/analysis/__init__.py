"""Analyses: one question a file; results are pandas objects with named rows and columns."""
