namespace Trt.Lite;

/// <summary>Numbers into an input's memory: as they are, converted where nothing is lost, or converted because it was asked for.</summary>
internal static class InputConversion
{
    /// <exception cref="ArgumentException">A number would be lost.</exception>
    public static void Write(ReadOnlySpan<byte> source, ElementKind from, Span<byte> target, InputInfo input, bool convert)
    {
        ElementKind to = Elements.KindOf(input.Type);
        CheckPossible(from, to, input);
        long lost = ElementCast.Convert(source, from, target, to);
        if (lost >= 0 && !convert)
        {
            throw new ArgumentException($"Input \"{input.Name}\" takes {Elements.NameOf(to)}, which does not hold the {Elements.NameOf(from)} {ElementCast.Text(source, from, lost)} at {lost} exactly: convert it yourself, or set EngineOptions.Convert.");
        }
    }

    /// <exception cref="ArgumentException">There is no conversion.</exception>
    public static void CheckPossible(ElementKind from, ElementKind to, InputInfo input)
    {
        if (!ElementCast.IsPossible(from, to))
        {
            throw new ArgumentException($"Input \"{input.Name}\" takes {Elements.NameOf(to)}; {Elements.NameOf(from)} is not converted to it.");
        }
    }
}
