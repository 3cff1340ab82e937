"""The calendar of a building: activities, enrolment, check-in and the evidence that something was held."""
