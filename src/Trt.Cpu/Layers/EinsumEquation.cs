namespace Trt.Cpu.Layers;

/// <summary>An equation of Einstein's sum convention, taken apart.</summary>
/// <param name="Inputs">Labels of each input; a dot stands for an ellipsis.</param>
/// <param name="Output">Labels of the output, also where the equation leaves them out.</param>
internal sealed record EinsumEquation(string[] Inputs, string Output)
{
    /// <summary>Stands for an ellipsis.</summary>
    public const char Ellipsis = '.';

    /// <summary>The equation as ONNX writes it, always with an output.</summary>
    public string Text => $"{string.Join(',', Inputs)}->{Output}".Replace(".", "...", StringComparison.Ordinal);

    /// <summary>Takes an equation apart.</summary>
    /// <exception cref="FormatException">It is wrong; the message says why.</exception>
    public static EinsumEquation Parse(string text, int operands)
    {
        string plain = text.Replace(" ", string.Empty, StringComparison.Ordinal).Replace("...", ".", StringComparison.Ordinal);
        int arrow = plain.IndexOf("->", StringComparison.Ordinal);
        string[] inputs = (arrow < 0 ? plain : plain[..arrow]).Split(',');
        if (inputs.Length != operands)
        {
            throw new FormatException($"it has {inputs.Length} terms for {operands} inputs");
        }

        foreach (string term in inputs)
        {
            CheckLabels(term);
        }

        string all = string.Concat(inputs);
        if (arrow < 0)
        {
            string once = string.Concat(all.Where(char.IsAsciiLetterLower).GroupBy(label => label).Where(group => group.Count() == 1).Select(group => group.Key).Order());
            return new EinsumEquation(inputs, (all.Contains(Ellipsis) ? "." : string.Empty) + once);
        }

        string output = plain[(arrow + 2)..];
        CheckLabels(output);
        foreach (char label in output)
        {
            if (!all.Contains(label))
            {
                throw new FormatException($"the output has the subscript {label}, which no input has");
            }

            if (output.Count(other => other == label) > 1)
            {
                throw new FormatException($"the output has the subscript {label} twice");
            }
        }

        return new EinsumEquation(inputs, output);
    }

    private static void CheckLabels(string term)
    {
        foreach (char label in term)
        {
            if (!char.IsAsciiLetterLower(label) && label != Ellipsis)
            {
                throw new FormatException($"it has the character {label}; subscripts are lower-case letters");
            }
        }

        if (term.Count(label => label == Ellipsis) > 1)
        {
            throw new FormatException("a term has more than one ellipsis");
        }
    }
}
