package wire

import (
	"regexp"
	"regexp/syntax"
	"sort"
	"sync"
	"unicode/utf8"
)

// A pattern is a regular expression that a whole value must match. It compiles
// when it is first used.
type pattern struct {
	text string // as the model and the validation message have it
	expr string // the same in Go's syntax, if that differs

	once  sync.Once
	class *class         // set if the expression is one repeated character class
	re    *regexp.Regexp // set otherwise
}

// match reports whether the whole of s matches.
func (p *pattern) match(s string) bool {
	p.once.Do(p.compile)
	if p.class != nil {
		return p.class.match(s)
	}
	return p.re.MatchString(s)
}

// fast reports whether matching costs only a table look-up per character.
func (p *pattern) fast() bool {
	p.once.Do(p.compile)
	return p.class != nil
}

func (p *pattern) compile() {
	expr := p.expr
	if expr == "" {
		expr = p.text
	}
	if p.class = parseClass(expr); p.class == nil {
		p.re = regexp.MustCompile(`\A(?:` + expr + `)\z`)
	}
}

// A class matches values all of whose characters are in one set, as [\w-]+
// does. Most patterns of the model have that form, access tokens among them.
type class struct {
	ascii  [utf8.RuneSelf]bool
	ranges []rune // pairs of first and last, ascending
	empty  bool   // the empty value matches too
}

func parseClass(expr string) *class {
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil || (tree.Op != syntax.OpPlus && tree.Op != syntax.OpStar) {
		return nil
	}
	set := tree.Sub[0]
	if set.Op != syntax.OpCharClass {
		return nil
	}
	c := &class{ranges: set.Rune, empty: tree.Op == syntax.OpStar}
	for r := range rune(utf8.RuneSelf) {
		c.ascii[r] = c.contains(r)
	}
	return c
}

func (c *class) contains(r rune) bool {
	i := sort.Search(len(c.ranges)/2, func(i int) bool { return r <= c.ranges[2*i+1] })
	return 2*i < len(c.ranges) && c.ranges[2*i] <= r
}

func (c *class) match(s string) bool {
	if s == "" {
		return c.empty
	}
	for i := 0; i < len(s); {
		if b := s[i]; b < utf8.RuneSelf {
			if !c.ascii[b] {
				return false
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if !c.contains(r) {
			return false
		}
		i += size
	}
	return true
}
