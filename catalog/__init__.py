"""The rooms of the Products section. Each may import the platform and the rooms below it."""
