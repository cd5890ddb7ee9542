package static

import "strings"

// unknownType is what a browser saves instead of guessing.
const unknownType = "application/octet-stream"

// maxExtension is longer than any extension of the table.
const maxExtension = 12

// typeOf gives the Content-Type for a file name by its extension, in any case.
func typeOf(name string) string {
	name = name[strings.LastIndexByte(name, '/')+1:]
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 || len(name)-dot-1 > maxExtension {
		return unknownType
	}
	var lower [maxExtension]byte
	extension := append(lower[:0], name[dot+1:]...)
	for i, c := range extension {
		if 'A' <= c && c <= 'Z' {
			extension[i] = c + 'a' - 'A'
		}
	}
	return typeOfExtension(string(extension))
}

// typeOfExtension is the table, after the IANA registry. Text has a charset,
// since without one some browsers still guess; JSON has none, being UTF-8 by
// definition (RFC 8259 section 11).
func typeOfExtension(extension string) string {
	switch extension {
	// Pages and what they load.
	case "html", "htm", "shtml":
		return "text/html; charset=utf-8"
	case "xhtml":
		return "application/xhtml+xml"
	case "css":
		return "text/css; charset=utf-8"
	case "js", "mjs", "cjs":
		return "text/javascript; charset=utf-8" // RFC 9239
	case "json", "map":
		return "application/json"
	case "jsonld":
		return "application/ld+json"
	case "geojson":
		return "application/geo+json"
	case "webmanifest":
		return "application/manifest+json"
	case "wasm":
		return "application/wasm"
	case "appcache":
		return "text/cache-manifest; charset=utf-8"

	// Text.
	case "txt", "text", "log", "conf", "ini":
		return "text/plain; charset=utf-8"
	case "md", "markdown":
		return "text/markdown; charset=utf-8"
	case "csv":
		return "text/csv; charset=utf-8"
	case "tsv":
		return "text/tab-separated-values; charset=utf-8"
	case "vcf", "vcard":
		return "text/vcard; charset=utf-8"
	case "ics":
		return "text/calendar; charset=utf-8"
	case "vtt":
		return "text/vtt; charset=utf-8"
	case "xml", "xsl", "xsd":
		return "text/xml; charset=utf-8"
	case "rss":
		return "application/rss+xml"
	case "atom":
		return "application/atom+xml"
	case "yaml", "yml":
		return "application/yaml" // RFC 9512
	case "toml":
		return "application/toml"
	case "sql":
		return "application/sql"
	case "rtf":
		return "application/rtf"
	case "srt":
		return "application/x-subrip"

	// Images.
	case "png":
		return "image/png"
	case "apng":
		return "image/apng"
	case "jpg", "jpeg", "jfif":
		return "image/jpeg"
	case "gif":
		return "image/gif"
	case "webp":
		return "image/webp"
	case "avif":
		return "image/avif"
	case "heic":
		return "image/heic"
	case "heif":
		return "image/heif"
	case "jxl":
		return "image/jxl"
	case "svg":
		return "image/svg+xml"
	case "ico", "cur":
		return "image/x-icon"
	case "bmp":
		return "image/bmp"
	case "tif", "tiff":
		return "image/tiff"
	case "psd":
		return "image/vnd.adobe.photoshop"
	case "djvu":
		return "image/vnd.djvu"

	// Fonts.
	case "woff":
		return "font/woff"
	case "woff2":
		return "font/woff2"
	case "ttf":
		return "font/ttf"
	case "otf":
		return "font/otf"
	case "ttc":
		return "font/collection"
	case "eot":
		return "application/vnd.ms-fontobject"

	// Sound.
	case "mp3":
		return "audio/mpeg"
	case "m4a":
		return "audio/mp4"
	case "aac":
		return "audio/aac"
	case "ogg", "oga", "opus":
		return "audio/ogg"
	case "wav":
		return "audio/wav"
	case "flac":
		return "audio/flac"
	case "weba":
		return "audio/webm"
	case "mid", "midi":
		return "audio/midi"

	// Moving pictures.
	case "mp4", "m4v":
		return "video/mp4"
	case "webm":
		return "video/webm"
	case "ogv":
		return "video/ogg"
	case "mov":
		return "video/quicktime"
	case "avi":
		return "video/x-msvideo"
	case "mkv":
		return "video/x-matroska"
	case "mpg", "mpeg":
		return "video/mpeg"
	case "3gp":
		return "video/3gpp"
	case "flv":
		return "video/x-flv"
	case "wmv":
		return "video/x-ms-wmv"
	case "ts", "m2ts":
		return "video/mp2t"
	case "m3u8":
		return "application/vnd.apple.mpegurl"
	case "mpd":
		return "application/dash+xml"

	// Documents.
	case "pdf":
		return "application/pdf"
	case "epub":
		return "application/epub+zip"
	case "doc":
		return "application/msword"
	case "docx":
		return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	case "xls":
		return "application/vnd.ms-excel"
	case "xlsx":
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case "ppt":
		return "application/vnd.ms-powerpoint"
	case "pptx":
		return "application/vnd.openxmlformats-officedocument.presentationml.presentation"
	case "odt":
		return "application/vnd.oasis.opendocument.text"
	case "ods":
		return "application/vnd.oasis.opendocument.spreadsheet"
	case "odp":
		return "application/vnd.oasis.opendocument.presentation"
	case "ps", "eps", "ai":
		return "application/postscript"
	case "kml":
		return "application/vnd.google-earth.kml+xml"
	case "gpx":
		return "application/gpx+xml"

	// Archives and programs.
	case "zip":
		return "application/zip"
	case "gz", "tgz":
		return "application/gzip"
	case "bz2":
		return "application/x-bzip2"
	case "xz", "txz":
		return "application/x-xz"
	case "zst":
		return "application/zstd"
	case "br":
		return "application/x-brotli"
	case "7z":
		return "application/x-7z-compressed"
	case "rar":
		return "application/vnd.rar"
	case "tar":
		return "application/x-tar"
	case "jar", "war", "ear":
		return "application/java-archive"
	case "deb":
		return "application/vnd.debian.binary-package"
	case "rpm":
		return "application/x-rpm"
	case "apk":
		return "application/vnd.android.package-archive"
	case "torrent":
		return "application/x-bittorrent"
	case "swf":
		return "application/x-shockwave-flash"
	case "pem", "crt", "der":
		return "application/x-x509-ca-cert"
	case "asc", "sig":
		return "application/pgp-signature"
	}
	return unknownType
}
