"""What a chat model writes of documents: asked once, kept, checked, and taken up when it is there."""
