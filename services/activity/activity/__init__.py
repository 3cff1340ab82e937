"""What happens in the building: the calendar of activities, enrolment and check-in."""
