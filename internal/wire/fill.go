package wire

import (
	"reflect"

	"github.com/go-json-experiment/json/jsontext"
)

// fill sets dst, a zero value of the shape's Go type, to a checked value. The
// fields of a structure are in the order of its schema's members.
func fill(dst reflect.Value, s *schema, v *value) {
	if dst.Kind() == reflect.Pointer {
		target := reflect.New(dst.Type().Elem())
		dst.Set(target)
		dst = target.Elem()
	}
	switch s.kind {
	case structureKind:
		for i := range v.children {
			if child := &v.children[i]; child.set {
				fill(dst.Field(i), s.members[i].schema, child)
			}
		}
	case listKind:
		dst.Set(reflect.MakeSlice(dst.Type(), len(v.children), len(v.children)))
		for i := range v.children {
			fill(dst.Index(i), s.element, &v.children[i])
		}
	case mapKind:
		fillMap(dst, s, v)
	case stringKind:
		dst.SetString(v.text)
	case booleanKind:
		dst.SetBool(v.flag)
	case integerKind, longKind:
		dst.SetInt(v.number)
	case timestampKind:
		t, _ := parseTimestamp([]byte(v.text)) // the parser has seen that it is one
		dst.Set(reflect.ValueOf(t))
	case blobKind:
		dst.SetBytes(v.blob)
	case documentKind:
		dst.Set(reflect.ValueOf(jsontext.Value(v.text)))
	}
}

func fillMap(dst reflect.Value, s *schema, v *value) {
	dst.Set(reflect.MakeMapWithSize(dst.Type(), len(v.keys)))
	if m, ok := dst.Interface().(map[string]string); ok {
		for i, key := range v.keys {
			m[key] = v.children[i].text
		}
		return
	}
	for i, key := range v.keys {
		element := reflect.New(dst.Type().Elem()).Elem()
		fill(element, s.element, &v.children[i])
		dst.SetMapIndex(reflect.ValueOf(key).Convert(dst.Type().Key()), element)
	}
}
