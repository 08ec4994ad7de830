"""What every public request passes: limits, sizes, fields, captcha, headers. Imports no room."""
