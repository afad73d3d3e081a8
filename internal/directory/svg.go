package directory

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/css"
)

const (
	svgSpace   = "http://www.w3.org/2000/svg"
	xlinkSpace = "http://www.w3.org/1999/xlink"
	xmlSpace   = "http://www.w3.org/XML/1998/namespace"
	// svgDepth is how deep elements may be nested.
	svgDepth = 64
)

// svgElements are the elements that an image may have: shapes, text, paint and filters, nothing that runs, loads or
// embeds.
var svgElements = words(`circle clipPath defs desc ellipse feBlend feColorMatrix feComponentTransfer feComposite feDropShadow
	feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feMerge feMergeNode feMorphology feOffset filter g line
	linearGradient marker mask metadata path pattern polygon polyline radialGradient rect stop svg symbol text textPath title
	tspan use`)

// svgAttributes are the attributes that they may have.
var svgAttributes = words(`aria-hidden aria-label aria-labelledby baseProfile class clip-path clip-rule clipPathUnits color
	color-interpolation-filters cx cy d direction display dominant-baseline dx dy enable-background fill fill-opacity
	fill-rule filter filterUnits flood-color flood-opacity focusable font-family font-size font-style font-weight fr fx fy
	gradientTransform gradientUnits height href id in in2 k1 k2 k3 k4 lang letter-spacing marker-end marker-mid
	marker-start markerHeight markerUnits markerWidth mask maskContentUnits maskUnits mix-blend-mode mode offset opacity
	operator orient overflow patternContentUnits patternTransform patternUnits points preserveAspectRatio primitiveUnits r
	radius refX refY result role rotate rx ry shape-rendering space spreadMethod stdDeviation stop-color stop-opacity stroke
	stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width style
	tabindex text-anchor text-rendering textLength transform transform-origin type values vector-effect version viewBox
	visibility width word-spacing x x1 x2 xmlns y y1 y2`)

func words(list string) []string { return strings.Fields(list) }

// svgFault says what makes a file no image that pages may show; "" when it is one.
func svgFault(file []byte) string {
	d := xml.NewDecoder(bytes.NewReader(file))
	depth, seen := 0, false
	for {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF) && seen && depth == 0:
			return ""
		case err != nil:
			return "it is not well-formed"
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth++; depth > svgDepth {
				return "it is nested too deeply"
			}
			if seen && depth == 1 || !seen && t.Name.Local != "svg" {
				return "it is not one svg element"
			}
			seen = true
			if fault := elementFault(t); fault != "" {
				return fault
			}
		case xml.EndElement:
			depth--
		case xml.ProcInst:
			if t.Target != "xml" {
				return "it has the instruction " + shownStyle(t.Target)
			}
		case xml.Directive:
			if !bytes.HasPrefix(t, []byte("DOCTYPE")) || bytes.ContainsAny(t, "[<") {
				return "it has a directive"
			}
		}
	}
}

func elementFault(e xml.StartElement) string {
	if e.Name.Space != svgSpace || !slices.Contains(svgElements, e.Name.Local) {
		return "it has the element " + shownStyle(e.Name.Local)
	}
	for _, a := range e.Attr {
		if fault := attributeFault(a); fault != "" {
			return fault
		}
	}
	return ""
}

func attributeFault(a xml.Attr) string {
	switch a.Name.Space {
	case "xmlns":
		return ""
	case "", xlinkSpace, xmlSpace:
		if slices.Contains(svgAttributes, a.Name.Local) {
			break
		}
		fallthrough
	default:
		return "it has the attribute " + shownStyle(a.Name.Local)
	}
	inside := a.Name.Local != "href" || strings.HasPrefix(a.Value, "#")
	if a.Name.Local == "xmlns" || inside && staysInside(a.Value) {
		return ""
	}
	return "the attribute " + a.Name.Local + " leads out of it"
}

// staysInside says whether an attribute's value, read as a style, names nothing outside of the file.
func staysInside(value string) bool {
	if strings.ContainsRune(value, '\\') {
		return false
	}
	for l := css.NewLexer(parse.NewInputString(value)); ; {
		kind, data := l.Next()
		switch kind {
		case css.ErrorToken:
			return errors.Is(l.Err(), io.EOF)
		case css.BadURLToken, css.AtKeywordToken:
			return false
		case css.URLToken:
			target := strings.Trim(string(data[len("url("):]), " \t\r\n'\")")
			if !strings.HasPrefix(target, "#") {
				return false
			}
		case css.FunctionToken:
			if name := strings.ToLower(string(data)); name == "url(" || name == "image(" || name == "image-set(" || name == "expression(" || name == "src(" {
				return false
			}
		}
	}
}
