// Command ownership judges server-side apply with the module that the real server merges with. Each
// line of its input is a story, the writes that one object sees; it answers with a line that says
// how the object is and who owns what after each of them.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/applyconfigurations"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
	"sigs.k8s.io/structured-merge-diff/v6/merge"
	"sigs.k8s.io/structured-merge-diff/v6/typed"
	"sigs.k8s.io/structured-merge-diff/v6/value"
)

type story struct {
	APIVersion string  `json:"apiVersion"`
	Kind       string  `json:"kind"`
	Writes     []write `json:"writes"`
}

type write struct {
	Verb    string          `json:"verb"`
	Manager string          `json:"manager"`
	Force   bool            `json:"force"`
	Object  json.RawMessage `json:"object"`
}

type outcome struct {
	Refused   string                     `json:"refused,omitempty"`
	Conflicts []string                   `json:"conflicts,omitempty"`
	Object    any                        `json:"object"`
	Owners    map[string]json.RawMessage `json:"owners"`
}

// One version of each kind: nothing to convert.
type oneVersion struct{}

func (oneVersion) Convert(object *typed.TypedValue, _ fieldpath.APIVersion) (*typed.TypedValue, error) {
	return object, nil
}
func (oneVersion) IsMissingVersionError(error) bool { return false }

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for lines.Scan() {
		var s story
		must(json.Unmarshal(lines.Bytes(), &s))
		answer, err := json.Marshal(tell(s))
		must(err)
		fmt.Fprintln(out, string(answer))
	}
}

func tell(s story) []outcome {
	kind := typeOf(s.APIVersion, s.Kind)
	updater := (&merge.UpdaterBuilder{Converter: oneVersion{}}).BuildUpdater()
	live, err := kind.FromUnstructured(map[string]any{})
	must(err)
	managers := fieldpath.ManagedFields{}
	outcomes := []outcome{}
	for _, w := range s.Writes {
		o := outcome{Owners: map[string]json.RawMessage{}}
		live, managers = o.write(updater, kind, w, live, managers)
		o.Object = live.AsValue().Unstructured()
		for name, managed := range managers {
			o.Owners[name], err = managed.Set().ToJSON()
			must(err)
		}
		outcomes = append(outcomes, o)
	}
	return outcomes
}

// The object and its managers after the write; as they were, if it is refused.
func (o *outcome) write(
	updater *merge.Updater, kind typed.ParseableType, w write,
	live *typed.TypedValue, managers fieldpath.ManagedFields,
) (*typed.TypedValue, fieldpath.ManagedFields) {
	content, err := value.FromJSON(w.Object)
	must(err)
	var options []typed.ValidationOptions
	if w.Verb == "update" {
		options = append(options, typed.AllowDuplicates)
	}
	object, err := kind.FromUnstructured(content.Unstructured(), options...)
	if err != nil {
		o.Refused = err.Error()
		return live, managers
	}
	if w.Verb == "update" {
		_, after, err := updater.Update(live, object, "v1", managers, w.Manager)
		must(err)
		return object, after
	}
	merged, after, err := updater.Apply(live, object, "v1", managers, w.Manager, w.Force)
	if conflicts, ok := err.(merge.Conflicts); ok {
		for _, conflict := range conflicts {
			o.Conflicts = append(o.Conflicts, fmt.Sprintf("%s: %s", conflict.Manager, conflict.Path))
		}
		// Their order is that of a Go map.
		sort.Strings(o.Conflicts)
		return live, managers
	}
	must(err)
	if merged == nil {
		merged = live
	}
	return merged, after
}

// The type as client-go has it, which is what the real server makes of its OpenAPI.
func typeOf(apiVersion, kind string) typed.ParseableType {
	object := &unstructured.Unstructured{}
	object.SetAPIVersion(apiVersion)
	object.SetKind(kind)
	empty, err := applyconfigurations.NewTypeConverter(scheme.Scheme).ObjectToTyped(object)
	must(err)
	return typed.ParseableType{Schema: empty.Schema(), TypeRef: empty.TypeRef()}
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, strings.TrimSpace(err.Error()))
		os.Exit(2)
	}
}
