"""The worlds of the journeys, for the tests of single pages."""

from tests.journeys.fixtures import fresh_world, portal, postgresql_world, sqlite_world, world

__all__ = ["fresh_world", "portal", "postgresql_world", "sqlite_world", "world"]
