"""The platform. It knows no product word and imports no room."""
