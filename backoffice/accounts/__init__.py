"""Users, roles, row scopes, sign-in, security log. May import console and history; knows no transfer, no room."""
