"""All SQL. Rows never leave here: the frozen dataclasses of exam/ do."""
