// An image file of one's own: decoded and scaled here, so that the server never opens a file, and gets pixels only.

const KINDS = ["image/png", "image/jpeg", "image/webp"];
const MEGABYTE = 1_000_000;

/**
 * The middle square of the image as `side` rows of `side` pixels, red, green and blue of each, in base64.
 * @throws {Error} with a sentence for the visitor
 */
export async function pixelsOf(file, { side, most, says }) {
  if (!KINDS.includes(file.type)) throw new Error("Choose a PNG, JPEG or WEBP image.");
  if (file.size > most * MEGABYTE) throw new Error(says);
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error("Your browser cannot read this image.");
  });
  const square = Math.min(bitmap.width, bitmap.height);
  const canvas = Object.assign(document.createElement("canvas"), { width: side, height: side });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#fff"; // where the image is transparent
  context.fillRect(0, 0, side, side);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, (bitmap.width - square) / 2, (bitmap.height - square) / 2, square, square, 0, 0, side, side);
  bitmap.close();
  return packed(context, side);
}

/** Red, green and blue of each pixel of a square, in base64. */
export function packed(context, side) {
  const { data } = context.getImageData(0, 0, side, side);
  let text = "";
  for (let index = 0; index < data.length; index += 4) text += String.fromCharCode(data[index], data[index + 1], data[index + 2]);
  return btoa(text);
}

/**
 * A file's bytes in base64.
 * @throws {Error} with a sentence for the visitor
 */
export async function base64Of(file, { most, says }) {
  if (file.size > most) throw new Error(says);
  const bytes = new Uint8Array(await file.arrayBuffer());
  const parts = [];
  for (let index = 0; index < bytes.length; index += 0x8000) parts.push(String.fromCharCode(...bytes.subarray(index, index + 0x8000)));
  return btoa(parts.join(""));
}
