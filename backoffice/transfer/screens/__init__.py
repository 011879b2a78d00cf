"""What the pages of Imports and exports show and take."""
