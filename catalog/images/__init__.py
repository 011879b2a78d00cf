"""Images and image sets; knows no owner. Imports the platform and the stores."""
