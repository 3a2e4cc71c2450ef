"""Worlds for journeys: one for each kind of database, shared by the tests, which keep to people of their own."""

from tests.journeys.fixtures import fresh_world, portal, postgresql_world, sqlite_world, world

__all__ = ["fresh_world", "portal", "postgresql_world", "sqlite_world", "world"]
