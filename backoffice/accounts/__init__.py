"""Users, roles, row scopes, sign-in, security log. May import console and history; no transfer, no room."""
