package wire

import (
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	masked     = "***"
	maxLogText = 256 // bytes of a string in a log
	maxLogList = 32  // elements of a list or map in a log
)

// logValue renders a structure for a log. Members tagged log:"masked" show only
// that they are set, unset ones are left out, and what is long is cut.
func logValue(structure any) slog.Value {
	return logGroup(reflect.ValueOf(structure))
}

func logGroup(v reflect.Value) slog.Value {
	t := v.Type()
	attrs := make([]slog.Attr, 0, t.NumField())
	for i := range t.NumField() {
		field, value := t.Field(i), v.Field(i)
		switch {
		case value.IsZero() && value.Kind() != reflect.Bool && !value.CanInt():
			continue
		case field.Tag.Get("log") == "masked":
			attrs = append(attrs, slog.String(field.Name, masked))
		default:
			attrs = append(attrs, slog.Attr{Key: field.Name, Value: logMember(value)})
		}
	}
	return slog.GroupValue(attrs...)
}

func logMember(v reflect.Value) slog.Value {
	if t, ok := v.Interface().(Timestamp); ok {
		return slog.TimeValue(t.Time)
	}
	switch v.Kind() {
	case reflect.Pointer:
		return logMember(v.Elem())
	case reflect.Struct:
		return logGroup(v)
	case reflect.String:
		return slog.StringValue(cut(v.String(), maxLogText))
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 { // a blob or a document
			return slog.StringValue(fmt.Sprintf("(%d bytes)", v.Len()))
		}
		attrs := make([]slog.Attr, 0, min(v.Len(), maxLogList))
		for i := range cap(attrs) {
			attrs = append(attrs, slog.Attr{Key: strconv.Itoa(i), Value: logMember(v.Index(i))})
		}
		return logRest(attrs, v.Len())
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		attrs := make([]slog.Attr, 0, min(len(keys), maxLogList))
		for _, key := range keys[:cap(attrs)] {
			attrs = append(attrs, slog.Attr{Key: cut(key.String(), maxLogText), Value: logMember(v.MapIndex(key))})
		}
		return logRest(attrs, len(keys))
	default:
		return slog.AnyValue(v.Interface())
	}
}

// logRest groups the elements of a list or map and says how many were left out.
func logRest(attrs []slog.Attr, total int) slog.Value {
	if rest := total - len(attrs); rest > 0 {
		attrs = append(attrs, slog.Int("more", rest))
	}
	return slog.GroupValue(attrs...)
}

// cut shortens s to limit bytes, at a character's edge, and marks the cut.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit] + "..."
}

// Members gives the names of a request's members that are set, sorted, and the texts among them that a log may show.
// Request is a pointer to the structure.
func Members(request any) (set []string, shown map[string]string) {
	v := reflect.ValueOf(request).Elem()
	shown = map[string]string{}
	for i := range v.NumField() {
		field, value := v.Type().Field(i), v.Field(i)
		if value.IsZero() {
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		set = append(set, name)
		if value.Kind() == reflect.String && field.Tag.Get("log") != "masked" {
			shown[name] = value.String()
		}
	}
	slices.Sort(set)
	return set, shown
}
