package wire

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

func jsonName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return name
}

// structures returns every structure that a request or response can hold.
func structures() map[string]reflect.Type {
	found := map[string]reflect.Type{}
	var visit func(t reflect.Type)
	visit = func(t reflect.Type) {
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			visit(t.Elem())
		case reflect.Struct:
			if t == reflect.TypeFor[Timestamp]() || found[t.Name()] != nil {
				return
			}
			found[t.Name()] = t
			for i := range t.NumField() {
				visit(t.Field(i).Type)
			}
		}
	}
	api := reflect.TypeFor[API]()
	for i := range api.NumMethod() {
		method := api.Method(i).Type
		visit(method.In(1))
		if method.NumOut() == 2 {
			visit(method.Out(0))
		}
	}
	return found
}

// plant fills v with values; text makes those of string leaves, by the path of
// Go names that leads to them.
func plant(v reflect.Value, path string, text func(path string) string) {
	switch v.Interface().(type) {
	case Timestamp:
		v.Set(reflect.ValueOf(NewTimestamp(time.UnixMilli(1733691812447))))
		return
	case jsontext.Value:
		document := jsontext.Value(fmt.Sprintf("{%q:[1e400,null,%q]}", text(path+".key"), text(path)))
		if err := document.Format(); err != nil { // spells strings as an encoder does
			panic(err)
		}
		v.Set(reflect.ValueOf(document))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		plant(v.Elem(), path, text)
	case reflect.Struct:
		for i := range v.NumField() {
			plant(v.Field(i), path+"."+v.Type().Field(i).Name, text)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte(text(path)))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		plant(v.Index(0), path, text)
		plant(v.Index(1), path, text)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, element := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		plant(key, path+".key", text)
		plant(element, path, text)
		v.SetMapIndex(key, element)
	case reflect.String:
		v.SetString(text(path))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64:
		v.SetInt(int64(1)<<(8*v.Type().Size()-1) - 1)
	default:
		panic("no value for " + v.Type().String())
	}
}

func TestStructureCount(t *testing.T) {
	if n := len(structures()); n != 367 {
		t.Errorf("%d structures, want 367", n)
	}
}

// TestRoundTrip writes and reads every structure: full, empty, and with empty
// lists, maps and blobs, which differ from absent ones.
func TestRoundTrip(t *testing.T) {
	n := 0
	text := func(path string) string {
		n++
		return fmt.Sprintf("%s <&> \u2028 \U0001F511 %d", path, n)
	}
	for name, typ := range structures() {
		full := reflect.New(typ)
		plant(full.Elem(), name, text)
		hollow := reflect.New(typ)
		for i := range typ.NumField() {
			switch field := hollow.Elem().Field(i); {
			case field.Type() == reflect.TypeFor[jsontext.Value]():
			case field.Kind() == reflect.Slice:
				field.Set(reflect.MakeSlice(field.Type(), 0, 0))
			case field.Kind() == reflect.Map:
				field.Set(reflect.MakeMap(field.Type()))
			}
		}
		for form, in := range map[string]reflect.Value{"full": full, "hollow": hollow, "empty": reflect.New(typ)} {
			body, err := json.Marshal(in.Interface())
			if err != nil {
				t.Fatalf("%s %s: %v", form, name, err)
			}
			out := reflect.New(typ)
			if err := json.Unmarshal(body, out.Interface()); err != nil {
				t.Fatalf("%s %s: %v", form, name, err)
			}
			if !reflect.DeepEqual(out.Interface(), in.Interface()) {
				t.Errorf("%s %s: lost in %s", form, name, body)
			}
		}
	}
}

// TestAbsentMembersAreOmitted checks that nothing is written of an empty
// response but its required scalars.
func TestAbsentMembersAreOmitted(t *testing.T) {
	for name, typ := range structures() {
		if name == "CustomDomainConfigType" {
			continue // writes itself, and nothing when it is empty
		}
		body, err := Encode(reflect.New(typ).Interface())
		if err != nil {
			t.Fatal(err)
		}
		var members map[string]any
		if err := json.Unmarshal(body, &members); err != nil {
			t.Fatal(err)
		}
		for member, value := range members {
			if value == nil {
				t.Errorf("%s.%s is null", name, member)
			}
		}
		for i := range typ.NumField() {
			field := typ.Field(i)
			_, written := members[jsonName(field)]
			scalar := field.Type.Kind() == reflect.String || field.Type.Kind() == reflect.Bool ||
				field.Type.Kind() == reflect.Int32 || field.Type.Kind() == reflect.Int64
			if optional := strings.Contains(field.Tag.Get("json"), ","); written == optional || (written && !scalar) {
				t.Errorf("%s.%s: written %t, optional %t", name, field.Name, written, optional)
			}
		}
	}
}

func TestEncode(t *testing.T) {
	no, limit := false, int32(0)
	tests := []struct {
		name string
		out  any
		want string
	}{
		{"no output", nil, ""},
		{"nil response", (*SignUpResponse)(nil), "{}"},
		{"nothing to say", &ForgotPasswordResponse{}, "{}"},
		{"required false", &SignUpResponse{UserSub: "s"}, `{"UserConfirmed":false,"UserSub":"s"}`},
		{"optional false and zero", &PasswordPolicyType{MinimumLength: &limit, RequireNumbers: &no}, `{"MinimumLength":0,"RequireNumbers":false}`},
		{"no HTML escaping", &ResendConfirmationCodeResponse{CodeDeliveryDetails: &CodeDeliveryDetailsType{Destination: "<a>&'é"}}, `{"CodeDeliveryDetails":{"Destination":"<a>&'é"}}`},
		{"sorted map", &ListTagsForResourceResponse{Tags: map[string]string{"b": "2", "a": "1"}}, `{"Tags":{"a":"1","b":"2"}}`},
		{"empty list", &ListUsersResponse{Users: []UserType{}}, `{"Users":[]}`},
		{"blob", &AssetType{Bytes: []byte{0xFB, 0xFF}, Category: AssetCategoryTypeFormLogo}, `{"Bytes":"+/8=","Category":"FORM_LOGO","ColorMode":"","Extension":""}`},
		{"document", &ManagedLoginBrandingType{Settings: jsontext.Value(`{"a":1.0,"a":[null]}`)}, `{"Settings":{"a":1.0,"a":[null]}}`},
		{"damaged text", &SignUpResponse{UserSub: "a\xffb"}, "{\"UserConfirmed\":false,\"UserSub\":\"a\uFFFDb\"}"},
		{"timestamp", &UserType{UserCreateDate: NewTimestamp(time.UnixMicro(1733691812447999))}, `{"UserCreateDate":1733691812.447}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Encode(tt.out)
			if err != nil || string(got) != tt.want {
				t.Errorf("got %s, %v; want %s", got, err, tt.want)
			}
		})
	}
}

func TestTimestamp(t *testing.T) {
	tests := []struct {
		json string
		want string // RFC 3339; empty if it is refused
		back string // the JSON form it is written in, if another
	}{
		{json: "1733691812.447", want: "2024-12-08T21:03:32.447Z"},
		{json: "1.594889658976E9", want: "2020-07-16T08:54:18.976Z", back: "1594889658.976"},
		{json: "1733691812", want: "2024-12-08T21:03:32Z"},
		{json: "1733691812.5", want: "2024-12-08T21:03:32.5Z"},
		{json: "0", want: "1970-01-01T00:00:00Z"},
		{json: "-0.001", want: "1969-12-31T23:59:59.999Z"},
		{json: "0.0004", want: "1970-01-01T00:00:00Z", back: "0"},
		{json: `"2024-12-08T21:03:32Z"`},
		{json: "1e300"},
	}
	for _, tt := range tests {
		t.Run(tt.json, func(t *testing.T) {
			var got Timestamp
			err := json.Unmarshal([]byte(tt.json), &got)
			if tt.want == "" {
				if err == nil {
					t.Errorf("got %v", got)
				}
				return
			}
			if err != nil || got.Format(time.RFC3339Nano) != tt.want {
				t.Fatalf("got %v, %v; want %s", got, err, tt.want)
			}
			if tt.back == "" {
				tt.back = tt.json
			}
			if back, err := json.Marshal(got); err != nil || string(back) != tt.back {
				t.Errorf("written as %s, %v; want %s", back, err, tt.back)
			}
		})
	}
}
