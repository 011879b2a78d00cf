"""Tax rates and tax sets."""
