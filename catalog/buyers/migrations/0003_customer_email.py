from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """Addresses that were stored before the rule stay; it holds for whatever is written."""

    dependencies = [("buyers", "0002_search_index")]

    operations = [
        AddConstraintNotValid(
            model_name="customer",
            constraint=models.CheckConstraint(
                condition=models.Q(email="") | models.Q(email__regex=r"^[^\s@]+@[^\s@]+\.[^\s@.]+$"),
                name="buyers_customer_email_shape",
                violation_error_code="bad_email",
                violation_error_message="Write an e-mail address such as name@example.com.",
            ),
        )
    ]
