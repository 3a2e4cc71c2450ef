"""A small model of an attempt, and a machine that does to both it and the application whatever comes to mind."""
