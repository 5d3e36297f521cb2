"""What a policymaker sees: the application, its controls and charts, in Chinese and English."""
