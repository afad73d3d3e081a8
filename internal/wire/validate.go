package wire

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxViolations = 100     // that a message spells out; all are counted
	maxShown      = 256     // bytes of a value that a message shows
	maxRegexp     = 1 << 14 // bytes of an overlong value that an expression still runs over
)

// validate checks a request against the constraints of the model. It returns
// nil or an InvalidParameterException in the service's own words.
func validate(s *schema, v *value) error {
	var c checker
	c.structure(s, v, nil, false)
	if c.count == 0 {
		return nil
	}
	noun := " validation errors detected: "
	if c.count == 1 {
		noun = " validation error detected: "
	}
	return InvalidParameterException(strconv.Itoa(c.count) + noun + strings.Join(c.items, "; "))
}

// A checker collects what a request breaks: members in model order, and of one
// member absence, length, pattern, range, enumeration.
type checker struct {
	count int
	items []string
}

func (c *checker) add(shown string, at *path, rule string) {
	if c.count++; c.count <= maxViolations {
		c.items = append(c.items, "Value"+shown+" at '"+at.String()+"' failed to satisfy constraint: "+rule)
	}
}

const (
	notNull   = "Member must not be null"
	shownNull = " null"
)

func (c *checker) structure(s *schema, v *value, above *path, hidden bool) {
	for i := range s.members {
		m := &s.members[i]
		at := path{above: above, step: memberStep, name: m.name}
		switch {
		case v.children != nil && v.children[i].set:
			c.value(m.schema, &v.children[i], &at, hidden)
		case m.required:
			c.add(shownNull, &at, notNull)
		}
	}
}

// value checks a present value. Hidden ones stand in a sensitive shape.
func (c *checker) value(s *schema, v *value, at *path, hidden bool) {
	hidden = hidden || s.sensitive
	switch s.kind {
	case structureKind:
		c.structure(s, v, at, hidden)
	case listKind:
		c.scalar(s, v, at, hidden)
		c.list(s, v, at, hidden)
	case mapKind:
		c.scalar(s, v, at, hidden)
		c.mapping(s, v, at, hidden)
	default:
		c.scalar(s, v, at, hidden)
	}
}

// list checks elements: structures each in its own place, scalars all at the
// place of the list.
func (c *checker) list(s *schema, v *value, at *path, hidden bool) {
	if s.element.kind == structureKind {
		for i := range v.children {
			inner := path{above: at, step: elementStep, index: i + 1}
			if element := &v.children[i]; element.set {
				c.value(s.element, element, &inner, hidden)
			} else {
				c.add(shownNull, &inner, notNull)
			}
		}
		return
	}
	if slices.ContainsFunc(v.children, func(element value) bool { return !element.set }) {
		c.add(show(s, v, hidden), at, "Member must satisfy constraint: ["+notNull+"]")
	}
	if slices.ContainsFunc(v.children, func(element value) bool { return element.set && s.element.broken(&element) }) {
		c.add(show(s, v, hidden), at, "Member must satisfy constraint: ["+s.element.rules()+"]")
	}
}

func (c *checker) mapping(s *schema, v *value, at *path, hidden bool) {
	if slices.ContainsFunc(v.keys, func(key string) bool { return s.key.broken(&value{set: true, text: key}) }) {
		c.add(show(s, v, hidden), at, "Map keys must satisfy constraint: ["+s.key.rules()+"]")
	}
	if s.element.kind == structureKind {
		for i, key := range v.keys {
			c.value(s.element, &v.children[i], &path{above: at, step: keyStep, name: key}, hidden)
		}
		return
	}
	if slices.ContainsFunc(v.children, func(element value) bool { return s.element.broken(&element) }) {
		c.add(show(s, v, hidden), at, "Map value must satisfy constraint: ["+s.element.rules()+"]")
	}
}

// scalar checks what a shape itself says: its size, pattern and enumeration.
func (c *checker) scalar(s *schema, v *value, at *path, hidden bool) {
	for _, rule := range [...]constraint{minimum, maximum, expression, enumeration} {
		if rule.breaks(s, v) {
			c.add(show(s, v, hidden), at, rule.text(s))
		}
	}
}

// broken reports whether v breaks a constraint of s.
func (s *schema) broken(v *value) bool {
	return minimum.breaks(s, v) || maximum.breaks(s, v) || expression.breaks(s, v) || enumeration.breaks(s, v)
}

// rules lists all constraints of a scalar, as the service does for elements,
// keys and map values, maximum first.
func (s *schema) rules() string {
	var texts []string
	for _, rule := range [...]constraint{maximum, minimum, expression, enumeration} {
		if rule.applies(s) {
			texts = append(texts, rule.text(s))
		}
	}
	return strings.Join(texts, ", ")
}

// A constraint is a kind of rule that a shape may set.
type constraint uint8

const (
	minimum constraint = iota
	maximum
	expression
	enumeration
)

func (k constraint) applies(s *schema) bool {
	switch k {
	case minimum:
		return s.size != nil && s.size.min != unbounded
	case maximum:
		return s.size != nil && s.size.max != unbounded
	case expression:
		return s.pattern != nil
	default:
		return s.values != nil
	}
}

func (k constraint) breaks(s *schema, v *value) bool {
	if !k.applies(s) {
		return false
	}
	switch k {
	case minimum:
		return v.size(s) < s.size.min
	case maximum:
		return v.size(s) > s.size.max
	case expression:
		if len(v.text) > maxRegexp && maximum.breaks(s, v) && !s.pattern.fast() {
			return false // refused already; not worth the time
		}
		return !s.pattern.match(v.text)
	default:
		return !slices.Contains(s.values, v.text)
	}
}

func (k constraint) text(s *schema) string {
	measure := "length"
	if s.kind == integerKind || s.kind == longKind {
		measure = "value"
	}
	switch k {
	case minimum:
		return fmt.Sprintf("Member must have %s greater than or equal to %d", measure, s.size.min)
	case maximum:
		return fmt.Sprintf("Member must have %s less than or equal to %d", measure, s.size.max)
	case expression:
		return "Member must satisfy regular expression pattern: " + s.pattern.text
	default:
		return "Member must satisfy enum value set: [" + strings.Join(s.values, ", ") + "]"
	}
}

// size is what bounds apply to: a number's value, a string's length in UTF-16
// units, a blob's in bytes, the number of elements.
func (v *value) size(s *schema) int64 {
	switch s.kind {
	case integerKind, longKind:
		return v.number
	case stringKind:
		return int64(utf16Length(v.text))
	case blobKind:
		return int64(len(v.blob))
	default:
		return int64(len(v.children))
	}
}

func utf16Length(s string) int {
	n := 0
	for i := 0; i < len(s); n++ {
		if s[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r > 0xFFFF {
			n++
		}
		i += size
	}
	return n
}

// show renders a value between "Value" and "at": quoted, lists and maps in
// Java's notation, cut to a bounded length. Sensitive values, blobs and
// structures give nothing.
func show(s *schema, v *value, hidden bool) string {
	var text string
	switch {
	case hidden || s.kind == blobKind:
		return ""
	case s.kind == integerKind || s.kind == longKind:
		text = strconv.FormatInt(v.number, 10)
	case s.kind == listKind:
		if len(v.children) > 0 && !s.element.visible() {
			return ""
		}
		text = showAll("[", "]", v)
	case s.kind == mapKind:
		if !s.key.visible() || !s.element.visible() {
			return ""
		}
		text = showAll("{", "}", v)
	default:
		text = cut(v.text, maxShown)
	}
	return " '" + text + "'"
}

// visible reports whether a list or map may show elements of this shape.
func (s *schema) visible() bool { return s.kind == stringKind && !s.sensitive }

func showAll(before, after string, v *value) string {
	var b strings.Builder
	b.WriteString(before)
	for i := range v.children {
		if b.Len() > maxShown {
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		if v.keys != nil {
			b.WriteString(cut(v.keys[i], maxShown) + "=")
		}
		if element := &v.children[i]; element.set {
			b.WriteString(cut(element.text, maxShown))
		} else {
			b.WriteString("null")
		}
	}
	if b.Len() > maxShown {
		return cut(b.String(), maxShown)
	}
	return b.String() + after
}

// A path says where in a request a value stands, from the inside out.
type path struct {
	above *path
	step  step
	name  string // of a member or key
	index int    // of an element, from 1
}

type step uint8

const (
	memberStep step = iota
	elementStep
	keyStep
)

// String writes members with a lower-case first letter, joined by dots, and an
// element or map value as .{index or key}.member.
func (p *path) String() string {
	var b strings.Builder
	p.write(&b)
	return b.String()
}

func (p *path) write(b *strings.Builder) {
	if p.above != nil {
		p.above.write(b)
		b.WriteByte('.')
	}
	switch p.step {
	case elementStep:
		b.WriteString(strconv.Itoa(p.index) + ".member")
	case keyStep:
		b.WriteString(cut(p.name, maxShown) + ".member")
	default:
		b.WriteString(strings.ToLower(p.name[:1]) + p.name[1:])
	}
}
