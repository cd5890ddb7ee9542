package main

import (
	"fmt"
	"strconv"
	"strings"
)

// maxNamed is how many names, or runs of them, a folded list holds: what fits
// on a line.
const maxNamed = 4

// fold shortens a list of instances, each run of neighbours to its ends:
// "app@8020 … app@8023, app@8030 and 7 more".
func fold(ids []string) string {
	var named []string
	for i := 0; i < len(ids); {
		if len(named) == maxNamed {
			return fmt.Sprintf("%s and %d more", strings.Join(named, ", "), len(ids)-i)
		}
		if n := neighbours(ids[i:]); n > 2 {
			named = append(named, ids[i]+" … "+ids[i+n-1])
			i += n
			continue
		}
		named = append(named, ids[i])
		i++
	}
	return strings.Join(named, ", ")
}

// neighbours is how many of ids, from the first on, count up by one.
func neighbours(ids []string) int {
	prefix, number, _ := strings.Cut(ids[0], "@")
	first, err := strconv.Atoi(number)
	if err != nil {
		return 1
	}
	n := 1
	for n < len(ids) && ids[n] == prefix+"@"+strconv.Itoa(first+n) {
		n++
	}
	return n
}
