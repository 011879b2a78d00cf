"""Tax rates and tax sets. Imports the stores below."""
