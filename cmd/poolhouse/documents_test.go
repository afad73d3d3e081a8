package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// documents are the pages that newcomers and operators follow.
var documents = []string{"../../README.md", "../../docs/operating.md"}

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// blocks are the fenced blocks of a language, without what they are indented by.
func blocks(text, language string) (found []string) {
	for _, m := range regexp.MustCompile("(?sm)^( *)```"+language+"\n(.*?)^ *```$").FindAllStringSubmatch(text, -1) {
		found = append(found, strings.ReplaceAll("\n"+m[2], "\n"+m[1], "\n"))
	}
	return found
}

// Every flag in the pages is one of the command that it stands behind, and every command line is well-formed.
func TestDocumentedFlags(t *testing.T) {
	t.Parallel()
	var c commands
	parser, err := kong.New(&c, kong.DefaultEnvars("POOLHOUSE"))
	if err != nil {
		t.Fatal(err)
	}
	flags, words := map[string]map[string]bool{}, map[string]bool{}
	for _, leaf := range parser.Model.Leaves(true) {
		path := strings.Fields(leaf.FullPath())
		known := map[string]bool{}
		for _, f := range leaf.Flags {
			known["--"+f.Name], words["--"+f.Name] = true, true
		}
		flags[strings.Join(path[1:], " ")] = known
	}
	flag := regexp.MustCompile(`--[a-z][a-z-]*`)
	line := regexp.MustCompile("(?:^|[ `$])poolhouse ((?:access-key )?[a-z-]+)([^`\n]*)")
	words["--help"] = true
	cli := regexp.MustCompile(`(?m)^aws .*$`) // has flags of its own
	for _, path := range documents {
		text := strings.ReplaceAll(read(t, path), "\\\n", " ")
		for _, m := range line.FindAllStringSubmatch(text, -1) {
			known, ok := flags[m[1]]
			if !ok {
				if strings.HasPrefix(m[2], " --") || m[1] == "access-key" {
					t.Errorf("%s: no command %q in %q", path, m[1], m[0])
				}
				continue
			}
			arguments, _, _ := strings.Cut(m[2], "#")
			for _, name := range flag.FindAllString(arguments, -1) {
				if !known[name] {
					t.Errorf("%s: poolhouse %s has no %s", path, m[1], name)
				}
			}
		}
		for _, name := range flag.FindAllString(cli.ReplaceAllString(text, ""), -1) {
			if !words[name] {
				t.Errorf("%s: there is no %s", path, name)
			}
		}
	}
}

// The configuration file in the page is one.
func TestDocumentedConfigFile(t *testing.T) {
	t.Parallel()
	files := blocks(read(t, documents[1]), "yaml")
	if len(files) != 1 {
		t.Fatalf("%d configuration files", len(files))
	}
	c, err := parse(t, "serve", "--config", write(t, "poolhouse.yaml", files[0]))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Serve.safe(); err != nil || c.Serve.SMTPFrom != "Example <no-reply@example.com>" || c.Serve.TLSCert != "/etc/poolhouse/cert.pem" {
		t.Errorf("%+v, %v", c.Serve, err)
	}
}

// The transcript in README is what the commands print, and its Go program compiles.
func TestReadme(t *testing.T) {
	t.Parallel()
	text := read(t, documents[0])
	printed := fmt.Sprintf(welcome, "http://localhost:9229", "us-east-1_Poolhouse", "1poolhouse0demo0client0001", "demo", "Demo-Password-1")
	var want strings.Builder
	for line := range strings.Lines(printed) {
		if line != "\n" {
			want.WriteString("    ")
		}
		want.WriteString(line)
	}
	if !strings.Contains(text, want.String()) {
		t.Errorf("README does not have the welcome\n%s", &want)
	}
	programs := 0
	for _, block := range blocks(text, "go") {
		if !strings.Contains(block, "package main") {
			continue
		}
		programs++
		out, err := exec.Command("go", "build", "-o", filepath.Join(t.TempDir(), "program"), write(t, "main.go", block)).CombinedOutput()
		if err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	}
	if programs != 1 {
		t.Errorf("%d Go programs", programs)
	}
}

// Every link between the documents leads somewhere.
func TestLinks(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatal("no documents", err)
	}
	pages = append(pages, "../../README.md", "../../CONTRIBUTING.md", "../../CHANGELOG.md")
	for _, page := range pages {
		for _, match := range link.FindAllStringSubmatch(read(t, page), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), match[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", page, match[1])
			}
		}
	}
}
