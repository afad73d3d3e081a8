package wire

import (
	"bytes"
	"encoding/base64"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	maxDepth  = 64    // nested objects and lists of a body, documents included
	maxValues = 50000 // values and room for values in the structures of a body
)

// Decode reads the JSON body of a request and checks it against the model. It
// returns a pointer to the operation's request, or an [*Exception]: a
// SerializationException for what is not JSON of the right form, or an
// InvalidParameterException that names every constraint the request breaks.
//
// Names are case-sensitive, unknown members are ignored, null means absent, and
// the last of several members with one name counts. An empty body is an empty
// object.
func (op *Operation) Decode(body []byte) (in any, err error) {
	var root value
	if len(bytes.TrimLeft(body, " \t\r\n")) > 0 {
		if root, err = parse(op.input, body); err != nil {
			return nil, err
		}
	}
	if err := validate(op.input, &root); err != nil {
		return nil, err
	}
	in = op.NewInput()
	fill(reflect.ValueOf(in).Elem(), op.input, &root)
	return in, nil
}

// A value is a parsed JSON value that has the form its schema asks for. The
// zero value is an absent one.
type value struct {
	set      bool
	flag     bool     // of a boolean
	number   int64    // of an integer or long
	text     string   // of a string, number, or document as it came
	blob     []byte   // of a blob
	keys     []string // of a map, beside its values in children
	children []value  // of a list, map or structure; of the latter by member, or nil
}

var (
	decoders  = sync.Pool{New: func() any { return new(jsontext.Decoder) }}
	noRequest = new(bytes.Buffer)
)

func parse(s *schema, body []byte) (value, error) {
	decoder := decoders.Get().(*jsontext.Decoder)
	decoder.Reset(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true))
	defer func() {
		decoder.Reset(noRequest) // the pool holds on to none
		decoders.Put(decoder)
	}()
	p := parser{json: decoder, room: maxValues}
	if decoder.PeekKind() != jsontext.KindBeginObject {
		if _, err := decoder.ReadValue(); err != nil {
			return value{}, malformed()
		}
		return value{}, SerializationException("The request body must be a JSON object.")
	}
	var root value
	if err := p.value(s, &root); err != nil {
		return value{}, err
	}
	if _, err := decoder.ReadToken(); err != io.EOF {
		return value{}, malformed()
	}
	return root, nil
}

func malformed() error {
	return SerializationException("The request body is not valid JSON.")
}

// A parser reads JSON by schemas.
type parser struct {
	json *jsontext.Decoder
	room int // for how many more values there is memory
}

// take claims memory for n values.
func (p *parser) take(n int) error {
	if p.room -= n; p.room < 0 {
		return SerializationException("The request body holds too many values.")
	}
	return nil
}

// value reads the next value into v.
func (p *parser) value(s *schema, v *value) error {
	*v = value{}
	next := p.json.PeekKind()
	if next == jsontext.KindNull {
		_, err := p.scalar()
		return err
	}
	var err error
	switch {
	case s.kind == documentKind:
		err = p.document(v)
	case next == jsontext.KindBeginObject && s.kind == structureKind:
		err = p.structure(s, v)
	case next == jsontext.KindBeginObject && s.kind == mapKind:
		err = p.mapping(s, v)
	case next == jsontext.KindBeginArray && s.kind == listKind:
		err = p.list(s, v)
	case next == jsontext.KindString && s.kind == stringKind:
		v.text, err = p.text()
	case next == jsontext.KindString && s.kind == blobKind:
		err = p.blob(v)
	case next == jsontext.KindNumber && s.kind == integerKind:
		err = p.integer(s, v, 32)
	case next == jsontext.KindNumber && s.kind == longKind:
		err = p.integer(s, v, 64)
	case next == jsontext.KindNumber && s.kind == timestampKind:
		err = p.timestamp(s, v)
	case (next == jsontext.KindTrue || next == jsontext.KindFalse) && s.kind == booleanKind:
		v.flag = next == jsontext.KindTrue
		_, err = p.scalar()
	default:
		err = p.clash(next, s)
	}
	v.set = err == nil
	return err
}

// scalar reads a value that is neither object nor list, as it came.
func (p *parser) scalar() (jsontext.Value, error) {
	raw, err := p.json.ReadValue()
	if err != nil {
		return nil, malformed()
	}
	return raw, nil
}

// clash says that a value of kind next stands where s is wanted, unless the
// JSON is broken there.
func (p *parser) clash(next jsontext.Kind, s *schema) error {
	if _, err := p.json.ReadToken(); err != nil {
		return malformed()
	}
	switch next {
	case jsontext.KindBeginObject:
		return SerializationException("Start of structure or map found where not expected.")
	case jsontext.KindBeginArray:
		return SerializationException("Start of list found where not expected")
	default:
		return notConvertible(next, s)
	}
}

func notConvertible(from jsontext.Kind, s *schema) error {
	return SerializationException(strings.ToUpper(from.String()) + "_VALUE can not be converted to " + s.kind.String())
}

// open and shut read the delimiters of an object or list. The decoder has seen
// that the first is there; at the other it may meet broken JSON.
func (p *parser) open() error {
	if _, err := p.json.ReadToken(); err != nil {
		return malformed()
	}
	return nil
}

func (p *parser) shut() error { return p.open() }

// more reports whether another element or member follows.
func (p *parser) more() bool {
	next := p.json.PeekKind()
	return next != jsontext.KindEndObject && next != jsontext.KindEndArray
}

func (p *parser) structure(s *schema, v *value) error {
	if err := p.open(); err != nil {
		return err
	}
	for p.more() {
		raw, err := p.scalar()
		if err != nil {
			return err
		}
		i, known := s.find(raw)
		if !known {
			if _, err := p.raw(); err != nil {
				return err
			}
			continue
		}
		if v.children == nil {
			if err := p.take(len(s.members)); err != nil {
				return err
			}
			v.children = make([]value, len(s.members))
		}
		if err := p.value(s.members[i].schema, &v.children[i]); err != nil {
			return err
		}
	}
	return p.shut()
}

// find returns the index of the member with a name in JSON form.
func (s *schema) find(raw jsontext.Value) (int, bool) {
	name := []byte(raw[1 : len(raw)-1])
	if bytes.IndexByte(name, '\\') >= 0 {
		unquoted, err := jsontext.AppendUnquote(nil, raw)
		if err != nil {
			return 0, false
		}
		name = unquoted
	}
	return slices.BinarySearchFunc(s.members, name, func(m member, name []byte) int {
		if m.name < string(name) {
			return -1
		} else if m.name > string(name) {
			return 1
		}
		return 0
	})
}

func (p *parser) list(s *schema, v *value) error {
	if err := p.open(); err != nil {
		return err
	}
	for p.more() {
		if err := p.take(1); err != nil {
			return err
		}
		v.children = append(v.children, value{})
		if err := p.value(s.element, &v.children[len(v.children)-1]); err != nil {
			return err
		}
	}
	return p.shut()
}

// mapping reads a map. A null value means that the key is absent.
func (p *parser) mapping(s *schema, v *value) error {
	if err := p.open(); err != nil {
		return err
	}
	index := make(map[string]int)
	for p.more() {
		key, err := p.text()
		if err != nil {
			return err
		}
		i, again := index[key]
		if !again {
			if err := p.take(1); err != nil {
				return err
			}
			i = len(v.keys)
			index[key] = i
			v.keys = append(v.keys, key)
			v.children = append(v.children, value{})
		}
		if err := p.value(s.element, &v.children[i]); err != nil {
			return err
		}
	}
	kept := 0
	for i := range v.children {
		if v.children[i].set {
			v.keys[kept], v.children[kept] = v.keys[i], v.children[i]
			kept++
		}
	}
	v.keys, v.children = v.keys[:kept], v.children[:kept]
	return p.shut()
}

// text reads a string.
func (p *parser) text() (string, error) {
	raw, err := p.scalar()
	if err != nil {
		return "", err
	}
	if inner := raw[1 : len(raw)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return string(inner), nil
	}
	unquoted, err := jsontext.AppendUnquote(nil, raw)
	if err != nil {
		return "", malformed()
	}
	return string(unquoted), nil
}

func (p *parser) blob(v *value) error {
	text, err := p.text()
	if err != nil {
		return err
	}
	if v.blob, err = base64.StdEncoding.DecodeString(text); err != nil {
		return SerializationException("STRING_VALUE is not valid base64")
	}
	return nil
}

// integer reads a number without fraction or exponent.
func (p *parser) integer(s *schema, v *value, bits int) error {
	raw, err := p.scalar()
	if err != nil {
		return err
	}
	if v.number, err = strconv.ParseInt(string(raw), 10, bits); err != nil {
		return notConvertible(jsontext.KindNumber, s)
	}
	return nil
}

func (p *parser) timestamp(s *schema, v *value) error {
	raw, err := p.scalar()
	if err != nil {
		return err
	}
	if _, ok := parseTimestamp(raw); !ok {
		return notConvertible(jsontext.KindNumber, s)
	}
	v.text = string(raw)
	return nil
}

// document reads any JSON. Duplicate names are refused, since which of them
// counts would be up to each later reader.
func (p *parser) document(v *value) error {
	raw, err := p.raw()
	if err != nil {
		return err
	}
	if !raw.IsValid() {
		return SerializationException("A document must not repeat a name in one object.")
	}
	v.text = string(raw)
	return nil
}

// raw reads any value within the depth limit, as it came.
func (p *parser) raw() (jsontext.Value, error) {
	above := p.json.StackDepth()
	raw, err := p.json.ReadValue()
	if err != nil {
		return nil, malformed()
	}
	if above+depth(raw) > maxDepth {
		return nil, SerializationException("The request body is nested too deeply.")
	}
	return raw, nil
}

// depth returns how deep the objects and lists of valid JSON are nested.
func depth(raw jsontext.Value) int {
	deepest, now, quoted := 0, 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			now++
			deepest = max(deepest, now)
		case c == '}' || c == ']':
			now--
		}
	}
	return deepest
}
