"""Copying from a page, as JavaScript that components of ours share."""

# The clipboard is closed to pages without https, such as a teacher's own machine in a classroom: there the old way.
COPIED = """
const copied = async (field) => {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.focus();
    field.select();
    return document.execCommand("copy");
  }
};
"""
"""`copied(field)` copies a field's text and says whether that was possible; where it was not, the text is selected."""
