package importer

import (
	"path"
	"slices"
	"strings"

	"github.com/webstack/webstack/install/importer/nginx"
)

// defaultRoot is where nginx looks for files where nobody says.
const defaultRoot = "html"

// files converts a location that serves files.
func (r *router) files(l *location, t *table) {
	key, folder, why := r.folder(l)
	t.header = "[site." + r.site + ".routes." + quote(key) + "]"
	t.dotted = "routes." + quote(key)
	if why != "" {
		r.mark(Unsupported, why, l.scope.find("root", "alias")...)
		t.close(why, refuse(statusUnsupported)...)
		return
	}
	t.set("files", quote(folder))
	r.index(l, t)
	r.fallback(l, t)
	r.expires(l, t)
	if d := l.scope.one("gzip_static"); d != nil {
		switch arg(d, 0) {
		case "on":
			r.mark(Converted, "precompressed", d)
			t.set("precompressed", "true")
		case "always":
			r.mark(Differs, "the compressed form is for who takes it", d)
			t.set("precompressed", "true")
		default:
			r.mark(Converted, "", d)
		}
	}
}

// folder is where the files of a location are, and the key of the route that
// serves them.
func (r *router) folder(l *location) (key, folder, why string) {
	key = l.key()
	d := l.scope.one("root")
	var alias *nginx.Directive
	if near := l.scope.find("root", "alias"); len(near) > 0 && near[len(near)-1].Name == "alias" {
		alias = near[len(near)-1]
	}
	where := arg(d, 0)
	if d == nil {
		where = defaultRoot
	}
	if alias != nil {
		where = arg(alias, 0)
	}
	switch {
	case strings.Contains(where, "$"):
		return key, "", "a folder with variables is not supported"
	case alias != nil && l.scope.mine("alias") == nil:
		return key, "", "an alias of the location around it is not supported"
	case !strings.HasPrefix(where, "/"):
		where = path.Join(r.opts.Prefix, where) + where[len(strings.TrimRight(where, "/")):]
	}
	last := l.path[strings.LastIndexByte(l.path, '/')+1:]
	oneFile := l.how == "=" || strings.Contains(strings.TrimLeft(last, "."), ".")
	switch {
	case alias != nil:
		r.mark(Converted, "files", alias)
	case d != nil:
		r.mark(Converted, "files", d)
	}
	switch {
	case oneFile && l.path != "/":
		return r.single(l, alias, where, last)
	case alias == nil && l.path == "/":
		return key, strings.TrimSuffix(where, "/"), ""
	case alias == nil:
		return key, path.Clean(where) + "/" + strings.TrimPrefix(l.path, "/"), ""
	}
	return r.aliased(l, alias, where)
}

// single is the folder of a location that is one file.
func (r *router) single(l *location, alias *nginx.Directive, where, last string) (key, folder, why string) {
	if l.how != "=" {
		r.mark(Differs, l.path+" alone, and nothing that only begins so", l.d)
	}
	key = "= " + l.path
	if last == "" {
		return key, "", "a folder's own path alone cannot be a route to its files"
	}
	if alias == nil {
		return key, path.Clean(where + path.Dir(l.path)), ""
	}
	if path.Base(where) != last || strings.HasSuffix(where, "/") {
		return key, "", "a file cannot be served under another name"
	}
	return key, path.Dir(where), ""
}

// aliased is the folder of an alias. nginx puts the rest of the path behind
// the alias as text; a route looks it up below the folder.
func (r *router) aliased(l *location, alias *nginx.Directive, where string) (key, folder, why string) {
	below, slash := strings.HasSuffix(l.path, "/"), strings.HasSuffix(where, "/")
	key = l.key()
	switch {
	case !below && slash:
		r.mark(Differs, "nginx would serve "+l.path+"../ from outside of the folder; the route is "+l.path+"/", alias)
		return key + "/", where, ""
	case below && !slash:
		r.mark(Differs, "the rest of the path is looked up below the folder; nginx puts it behind the name", alias)
	}
	return key, where, ""
}

// index converts the file that stands for a folder.
func (r *router) index(l *location, t *table) {
	for _, d := range l.scope.find("index") {
		var usable []string
		for _, name := range d.Args {
			if !strings.ContainsAny(name, "$/") && !strings.HasSuffix(name, ".php") {
				usable = append(usable, name)
			}
		}
		if len(usable) == 0 {
			r.mark(Unsupported, "an index is one name of a file", d)
			continue
		}
		r.mark(Converted, "index", d)
		if len(d.Args) > 1 {
			others := slices.DeleteFunc(slices.Clone(d.Args), func(a string) bool { return a == usable[0] })
			r.mark(Differs, "one name: "+strings.Join(others, ", ")+" is not looked for", d)
		}
		if usable[0] != "index.html" && t.get("index") == "" {
			t.set("index", quote(usable[0]))
		}
	}
}

// fallback converts try_files.
func (r *router) fallback(l *location, t *table) {
	for _, d := range l.scope.mine("try_files") {
		if len(d.Args) < 2 {
			r.mark(Unsupported, "it is not understood", d)
			continue
		}
		first, last := d.Args[:len(d.Args)-1], d.Args[len(d.Args)-1]
		for _, a := range first {
			if a != "$uri" && a != "$uri/" {
				r.mark(Unsupported, a+" is not looked for", d)
			}
		}
		r.mark(Converted, "fallback", d)
		switch {
		case last == "=404":
		case strings.HasPrefix(last, "="):
			r.mark(Differs, "what is not there is a 404", d)
		case strings.HasPrefix(last, "@"), strings.ContainsAny(last, "$?"), !strings.HasPrefix(last, "/"):
			r.mark(Unsupported, last+" cannot be fallen back to: what is not there is a 404", d)
		default:
			t.set("fallback", quote(last))
		}
		if !slices.Contains(first, "$uri/") {
			r.mark(Differs, "a folder is answered by its index", d)
		}
	}
}

// expires converts how long a file may be kept.
func (r *router) expires(l *location, t *table) {
	d := l.scope.one("expires")
	if d == nil {
		return
	}
	value := arg(d, 0)
	v, ok := parseTime(value)
	switch {
	case len(d.Args) == 1 && value == "off":
		r.mark(Converted, "expires", d)
	case len(d.Args) == 1 && value == "max":
		r.mark(Differs, "ten years from the request on", d)
		t.set("expires", quote("3650d"))
	case len(d.Args) == 1 && ok:
		r.mark(Converted, "expires", d)
		if v == 0 {
			t.set("expires", quote("0s"))
		} else {
			t.set("expires", duration(v))
		}
	case len(d.Args) == 1 && (value == "epoch" || strings.HasPrefix(value, "-")):
		r.mark(Differs, "Cache-Control: no-cache is set, and no Expires", d)
		t.set("response_headers", "{ Cache-Control = "+quote("no-cache")+" }")
	default:
		r.mark(Unsupported, "expires is a time from the request on", d)
	}
}
