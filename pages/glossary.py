"""The field's words."""

from layerscope.ui import glossary

glossary.draw()
