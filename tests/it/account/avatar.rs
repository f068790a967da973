//! Avatars: which uploads are accepted, how they are converted, and who may see them.

use std::io::Cursor;

use bytes::Bytes;
use hyper::Method;
use image::{DynamicImage, ImageFormat, RgbImage, RgbaImage};
use serde_json::{Value, json};

use super::call;
use crate::support::{Answer, Caller, Program, Server, Three, stored};

const MINE: &str = "/api/v1/me/avatar/";

async fn put(who: &Caller, media: &str, picture: impl Into<Bytes>) -> Answer {
    who.ask(Method::PUT, MINE, Some(media), picture.into()).await
}

fn written(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Left half red, right half blue.
fn two_colours(width: u32, height: u32) -> RgbImage {
    let colour = |x, _| image::Rgb(if x < width / 2 { [255, 0, 0] } else { [0, 0, 255] });
    RgbImage::from_fn(width, height, colour)
}

async fn shown(who: &Caller, name: &str) -> RgbImage {
    let picture = who.get(&format!("/api/v1/user/{name}/avatar/")).await.expect(200);
    image::load_from_memory_with_format(&picture.body, ImageFormat::Jpeg).unwrap().into_rgb8()
}

/// A JPEG with a location in its metadata, and with an Exif orientation that requires a rotation.
fn phone_photo() -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0".to_vec();
    let entries: [(u16, u16, u32, [u8; 4]); 3] =
        [(0x010e, 2, 16, 50_u32.to_le_bytes()), (0x0112, 3, 1, [6, 0, 0, 0]), (0x8825, 4, 1, 66_u32.to_le_bytes())];
    let directory = |tiff: &mut Vec<u8>, entries: &[(u16, u16, u32, [u8; 4])]| {
        tiff.extend((entries.len() as u16).to_le_bytes());
        for (tag, kind, count, value) in entries {
            tiff.extend(tag.to_le_bytes().into_iter().chain(kind.to_le_bytes()).chain(count.to_le_bytes()));
            tiff.extend(value);
        }
        tiff.extend([0; 4]);
    };
    directory(&mut tiff, &entries);
    tiff.extend(b"at 51.5007 north");
    directory(&mut tiff, &[(0x0001, 2, 2, *b"N\0\0\0")]);
    let jpeg = written(two_colours(400, 200), ImageFormat::Jpeg);
    let mut whole = jpeg[..2].to_vec();
    whole.extend([0xff, 0xe1]);
    whole.extend((tiff.len() as u16 + 8).to_be_bytes());
    whole.extend(b"Exif\0\0");
    whole.extend(tiff);
    whole.extend(&jpeg[2..]);
    whole
}

#[tokio::test]
async fn a_picture_becomes_upright_and_square_and_loses_its_metadata() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let me = put(&al, "image/jpeg", phone_photo()).await.expect(200).json();
    let picture = bo.get("/api/v1/user/al/avatar/").await.expect(200);
    let holds = |what: &[u8]| picture.body.windows(what.len()).any(|part| part == what);
    assert!(!holds(b"Exif") && !holds(b"51.5007"), "only the pixels are left");
    let image = shown(&bo, "al").await;
    assert_eq!((image.width(), image.height()), (200, 200), "the middle, not enlarged");
    let (top, bottom) = (image.get_pixel(100, 10).0, image.get_pixel(100, 190).0);
    assert!(top[0] > 200 && top[2] < 60 && bottom[2] > 200 && bottom[0] < 60, "{top:?} {bottom:?}");
    assert_eq!(me["avatar"].as_str().unwrap().len(), 16);
    assert_eq!(bo.get("/api/v1/user/?search=al").await.json()[0]["avatar"], me["avatar"]);
}

#[tokio::test]
async fn every_format_is_accepted_as_a_body_or_form_and_can_be_removed() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    for (media, format) in [
        ("image/jpeg", ImageFormat::Jpeg),
        ("image/png", ImageFormat::Png),
        ("image/webp", ImageFormat::WebP),
        ("image/gif", ImageFormat::Gif),
    ] {
        put(&al, media, written(two_colours(640, 480), format)).await.expect(200);
        let image = shown(&bo, "al").await;
        assert_eq!((image.width(), image.height()), (320, 320), "{media}");
    }
    let mut form = b"--x\r\ncontent-disposition: form-data; name=\"avatar\"; filename=\"../a\"\r\n\r\n".to_vec();
    form.extend(written(two_colours(30, 30), ImageFormat::Png));
    form.extend(b"\r\n--x--\r\n");
    let before = al.get("/api/v1/me/").await.json();
    let me = put(&al, "multipart/form-data; boundary=x", form.clone()).await.expect(200).json();
    assert_ne!(me["avatar"], before["avatar"]);
    let again = put(&al, "multipart/form-data; boundary=x", form).await.expect(200).json();
    assert_eq!(again["revision"], me["revision"], "the same picture is no change");
    assert_eq!(call(&al, Method::DELETE, MINE).await.expect(200).json()["avatar"], Value::Null);
    bo.get("/api/v1/user/al/avatar/").await.expect(404);
    assert_eq!(stored::column::<i64>(&server, "SELECT count(*) FROM avatars"), [0]);
    call(&al, Method::DELETE, MINE).await.expect(200);
}

#[tokio::test]
async fn invalid_oversized_and_malicious_pictures_are_refused_and_change_nothing() {
    let server = Server::start().await;
    let Three { al, .. } = Three::join(&server).await;
    put(&al, "image/png", written(two_colours(30, 30), ImageFormat::Png)).await.expect(200);
    let before = stored::dump(&server);
    // 25 megapixels in a small file.
    let bomb = written(image::GrayImage::from_raw(5_000, 5_000, vec![7; 25_000_000]).unwrap(), ImageFormat::Png);
    assert!(bomb.len() < 1_000_000);
    let jpeg = written(two_colours(400, 400), ImageFormat::Jpeg);
    let mut nonsense = written(two_colours(50, 50), ImageFormat::Png);
    nonsense[40..].fill(0x5a);
    for (what, media, bytes) in [
        ("a bomb", "image/png", bomb),
        ("half a picture", "image/jpeg", jpeg[..jpeg.len() / 2].to_vec()),
        ("nothing", "image/jpeg", Vec::new()),
        ("a page", "image/png", b"<script>alert(1)</script>".to_vec()),
        ("a drawing with a script", "image/png", b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec()),
        ("rubbish behind a good head", "image/png", nonsense),
        ("a head alone", "image/gif", b"GIF89a\xff\xff\xff\xff".to_vec()),
    ] {
        let refused = put(&al, media, bytes).await;
        assert_eq!(refused.status.as_u16(), 400, "{what}: {}", refused.text());
        assert!(refused.json()["avatar"][0].is_string(), "{what}");
    }
    for media in ["image/svg+xml", "text/html", "application/json", ""] {
        put(&al, media, jpeg.clone()).await.expect(415);
    }
    put(&al.with("content-encoding", "gzip"), "image/jpeg", jpeg.clone()).await.expect(415);
    put(&al, "multipart/form-data; boundary=x", "--x--\r\n").await.expect(400);
    put(&al, "image/png", vec![0; 5 * 1024 * 1024]).await.expect(413);
    put(&server.stranger(), "image/jpeg", jpeg.clone()).await.expect(403);
    put(&al.with("sec-fetch-site", "cross-site"), "image/jpeg", jpeg).await.expect(403);
    assert_eq!(stored::dump(&server), before);
}

#[tokio::test]
async fn a_picture_is_cacheable_by_its_tag_and_requires_a_login() {
    let server = Server::start().await;
    let Three { al, bo, cy } = Three::join(&server).await;
    let me = put(&al, "image/png", written(two_colours(30, 30), ImageFormat::Png)).await.expect(200).json();
    let tag = me["avatar"].as_str().unwrap();
    let path = |v: &str| format!("/api/v1/user/al/avatar/?v={v}");
    let picture = bo.get(&path(tag)).await.expect(200);
    assert_eq!(picture.header("cache-control"), "private, max-age=31536000, immutable");
    assert_eq!((picture.header("content-type"), picture.header("etag")), ("image/jpeg", &*format!("\"{tag}\"")));
    assert_eq!(picture.header("content-security-policy"), "default-src 'none'; sandbox");
    assert_eq!(picture.header("x-content-type-options"), "nosniff");
    let known = cy.with("if-none-match", picture.header("etag")).get(&path(tag)).await.expect(304);
    assert!(known.body.is_empty());
    for other in ["", "0123456789abcdef"] {
        let answer = bo.get(&path(other)).await.expect(200);
        assert_eq!(answer.header("cache-control"), "private, no-cache", "another tag may be of another picture");
    }
    bo.with("if-none-match", "\"0123456789abcdef\"").get(&path(tag)).await.expect(200);
    server.stranger().get(&path(tag)).await.expect(403);
    for nobody in ["nobody", "AL", "%ff", "bo", &"x".repeat(5_000)] {
        bo.get(&format!("/api/v1/user/{nobody}/avatar/")).await.expect(404);
    }
    assert_eq!(al.get("/api/v1/sync/").await.json()["me"]["avatar"], json!(tag));
}

#[tokio::test]
async fn large_pictures_are_decoded_one_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path());
    let al = program.stranger().sign_up("al").await;
    // The peak since it was last reset.
    let peak = || program.status("VmHWM");
    std::fs::write(format!("/proc/{}/clear_refs", program.child.id()), "5").unwrap();
    let before = peak();
    let large = RgbaImage::from_raw(4_000, 4_000, vec![200; 64_000_000]).unwrap();
    let large = Bytes::from(written(large, ImageFormat::Png));
    let uploads = (0..4).map(|_| {
        let (al, large) = (al.clone(), large.clone());
        tokio::spawn(async move { put(&al, "image/png", large).await.expect(200) })
    });
    for upload in uploads.collect::<Vec<_>>() {
        upload.await.unwrap();
    }
    let after = peak();
    // One decoded picture takes 64 MB, and the allocator may not have returned those of the one before yet. Four at the
    // same time would take 256.
    assert!(after - before < 160 * 1024, "{before} KiB before, {after} KiB at most");
}
