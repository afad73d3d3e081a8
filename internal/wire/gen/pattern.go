package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// goPattern translates a pattern of the model, which is in Java's syntax. Where
// the languages differ: \s includes the vertical tab in Java, and a dot matches
// no line terminator at all, while Go's matches all but the line feed.
func goPattern(s *shape) (string, error) {
	if s.PatternRE2 != "" {
		return s.PatternRE2, compiles(s.PatternRE2)
	}
	const space = `\t\n\v\f\r `
	text, dotAll := strings.CutPrefix(s.Pattern, "(?s)")
	var b strings.Builder
	if dotAll {
		b.WriteString("(?s)")
	}
	inClass := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			i++
			if i == len(text) {
				return "", errors.New("pattern ends in a backslash")
			}
			switch escape := text[i]; {
			case escape == 's' && inClass:
				b.WriteString(space)
			case escape == 'S' && strings.HasSuffix(b.String(), "[") && strings.HasPrefix(text[i+1:], "]"):
				b.WriteString("^" + space) // [\S]
			case escape == 's' || escape == 'S':
				return "", fmt.Errorf("pattern %s: no translation of \\%c here", s.Pattern, escape)
			default:
				b.WriteString(text[i-1 : i+1])
			}
		case c == '[' && inClass:
			return "", fmt.Errorf("pattern %s: class within a class", s.Pattern)
		case c == '[' || c == ']':
			inClass = c == '['
			b.WriteByte(c)
		case c == '.' && !inClass && !dotAll:
			b.WriteString(`[^\n\r\x{85}\x{2028}\x{2029}]`)
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), compiles(b.String())
}

func compiles(expr string) error {
	_, err := regexp.Compile(expr)
	return err
}
