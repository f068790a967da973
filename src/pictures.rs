//! Converts uploads to 320 × 320 JPEG avatars without metadata. Decoding takes memory and time that the sender chooses,
//! so it is bounded, done one at a time, and off the async threads. Knows nothing of whose picture it is.

use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage};
use sha2::{Digest, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::model::Picture;

/// Largest picture taken, in bytes. Telephones send photographs of 2 to 4 MB.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;

/// Largest picture taken, in pixels; its header says so before anything is decoded.
const MAX_PIXELS: u64 = 16_000_000;

/// Longest side, in pixels.
const MAX_SIDE: u32 = 16_384;

/// Most memory for one decoded picture, in bytes: [`MAX_PIXELS`] of 32 bits, and half as much for the decoder.
const MAX_MEMORY: u64 = 96 * 1024 * 1024;

/// Side of the square that is kept, in pixels: twice the largest one shown. A smaller picture is not enlarged.
const SIDE: u32 = 320;

/// JPEG quality at which nobody sees a difference at this size.
const QUALITY: u8 = 85;

/// Uploads at the same time; more would take the memory of a small machine.
const UPLOADS: usize = 8;

/// How long a request waits for its turn before it is refused as busy.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// Why a picture was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    #[error("This is not a whole picture in JPEG, PNG, WebP or GIF.")]
    Unreadable,
    #[error("A picture may have {} megapixels at the most.", MAX_PIXELS / 1_000_000)]
    TooLarge,
    #[error("too many pictures are waiting")]
    Busy,
}

/// Takes pictures, a bounded number at once.
pub struct Pictures {
    uploads: Arc<Semaphore>,
    turn: Arc<Semaphore>,
}

impl Default for Pictures {
    fn default() -> Self {
        Self { uploads: Arc::new(Semaphore::new(UPLOADS)), turn: Arc::new(Semaphore::new(1)) }
    }
}

impl Pictures {
    /// A permit to upload a picture; to be held until it is converted.
    pub async fn permit(&self) -> Result<OwnedSemaphorePermit, PictureError> {
        acquire(&self.uploads).await
    }

    /// The square in the middle of the picture in these bytes, upright, in a form of our own.
    pub async fn square(&self, bytes: Bytes) -> Result<Picture, PictureError> {
        let turn = acquire(&self.turn).await?;
        let made = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            square(&bytes)
        });
        // A decoder that panics has met something that is not a picture.
        made.await.unwrap_or(Err(PictureError::Unreadable))
    }
}

async fn acquire(semaphore: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, PictureError> {
    let turn = tokio::time::timeout(MAX_WAIT, Arc::clone(semaphore).acquire_owned());
    turn.await.ok().and_then(Result::ok).ok_or(PictureError::Busy)
}

fn square(bytes: &[u8]) -> Result<Picture, PictureError> {
    let (image, orientation) = decode(bytes)?;
    let jpeg = encode(crop(&image, orientation));
    let tag = Sha256::digest(&jpeg).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Ok(Picture { tag, jpeg })
}

/// The picture as it is stored, and how it is to be turned. Of a moving one, the first frame.
fn decode(bytes: &[u8]) -> Result<(DynamicImage, Orientation), PictureError> {
    let unreadable = |_| PictureError::Unreadable;
    let format = image::guess_format(bytes).map_err(unreadable)?;
    if format == ImageFormat::Jpeg && !is_whole(bytes) {
        return Err(PictureError::Unreadable);
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().map_err(unreadable)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if width > MAX_SIDE || height > MAX_SIDE || pixels > MAX_PIXELS || limits.reserve(decoder.total_bytes()).is_err() {
        return Err(PictureError::TooLarge);
    }
    let orientation = decoder.orientation().map_err(unreadable)?;
    DynamicImage::from_decoder(decoder).map(|image| (image, orientation)).map_err(unreadable)
}

/// Whether a JPEG has its end. The decoder fills what is missing with grey.
fn is_whole(jpeg: &[u8]) -> bool {
    let mut at = 2;
    while let Some(&[0xff, marker, high, low]) = jpeg.get(at..at + 4) {
        match marker {
            // The pixels begin: an end mark cannot be part of them.
            0xda => return jpeg[at..].windows(2).any(|two| two == [0xff, 0xd9]),
            0xff => at += 1,
            _ => at += 2 + usize::from(u16::from_be_bytes([high, low])),
        }
    }
    false
}

/// Shrinks first: what follows is then cheap, however large the picture was.
fn crop(image: &DynamicImage, orientation: Orientation) -> RgbImage {
    let (width, height) = (image.width().max(1), image.height().max(1));
    let shorter = width.min(height);
    let side = shorter.min(SIDE);
    let scaled = |length: u32| u32::try_from(u64::from(length) * u64::from(side) / u64::from(shorter)).unwrap_or(side);
    let (width, height) = (scaled(width), scaled(height));
    let small = image.thumbnail_exact(width, height);
    let mut square = small.crop_imm((width - side) / 2, (height - side) / 2, side, side);
    square.apply_orientation(orientation);
    on_white(&square)
}

/// JPEG knows no transparency.
fn on_white(image: &DynamicImage) -> RgbImage {
    let image = image.to_rgba8();
    RgbImage::from_fn(image.width(), image.height(), |x, y| {
        let [red, green, blue, alpha] = image.get_pixel(x, y).0.map(u16::from);
        let blend = |colour: u16| ((colour * alpha + 255 * (255 - alpha)) / 255) as u8;
        image::Rgb([blend(red), blend(green), blend(blue)])
    })
}

fn encode(image: RgbImage) -> Vec<u8> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY).encode_image(&image).expect("a Vec takes everything");
    jpeg
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Left half red, right half blue.
    fn two_colours(width: u32, height: u32) -> DynamicImage {
        let colour = |x, _| if x < width / 2 { image::Rgb([255, 0, 0]) } else { image::Rgb([0, 0, 255]) };
        RgbImage::from_fn(width, height, colour).into()
    }

    fn written(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn read(picture: &Picture) -> RgbImage {
        image::load_from_memory_with_format(&picture.jpeg, ImageFormat::Jpeg).unwrap().into_rgb8()
    }

    #[test]
    fn every_kind_becomes_a_square_of_its_middle() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP] {
            let picture = square(&written(&two_colours(1_000, 500), format)).unwrap();
            let image = read(&picture);
            assert_eq!((image.width(), image.height()), (320, 320), "{format:?}");
            let (left, right) = (image.get_pixel(20, 160).0, image.get_pixel(300, 160).0);
            assert!(left[0] > 200 && left[2] < 60 && right[2] > 200 && right[0] < 60, "{left:?} {right:?}");
            assert_eq!(picture.tag.len(), 16);
        }
        let small = read(&square(&written(&two_colours(20, 30), ImageFormat::Png)).unwrap());
        assert_eq!((small.width(), small.height()), (20, 20), "not enlarged");
        let thin = read(&square(&written(&two_colours(16_000, 1), ImageFormat::Png)).unwrap());
        assert_eq!((thin.width(), thin.height()), (1, 1));
    }

    #[test]
    fn what_is_transparent_shows_white() {
        let clear = DynamicImage::from(image::RgbaImage::new(10, 10));
        let image = read(&square(&written(&clear, ImageFormat::Png)).unwrap());
        assert!(image.pixels().all(|pixel| pixel.0.iter().all(|&part| part > 250)));
    }

    #[test]
    fn truncated_files_are_refused() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP] {
            let whole = written(&two_colours(400, 400), format);
            for part in [1, 2, 5, 9] {
                let refused = square(&whole[..whole.len() * part / 10]).err();
                assert_eq!(refused, Some(PictureError::Unreadable), "{format:?}: {part}/10");
            }
        }
    }

    #[test]
    fn too_many_pixels_are_refused_by_the_header_alone() {
        let mut png = written(&two_colours(4, 4), ImageFormat::Png);
        // The width and height in the header, which a checksum covers.
        png[16..24].copy_from_slice(&[0, 0, 0x40, 0, 0, 0, 0x40, 0]);
        let mut sum = flate2::Crc::new();
        sum.update(&png[12..29]);
        let sum = sum.sum().to_be_bytes();
        png[29..33].copy_from_slice(&sum);
        assert_eq!(square(&png).err(), Some(PictureError::TooLarge));
    }
}
