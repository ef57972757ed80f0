"""Training, fine-tuning and distilling the models that the engines run; knows no Markdown layout."""
