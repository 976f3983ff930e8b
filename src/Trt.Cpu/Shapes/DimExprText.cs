using System.Globalization;

namespace Trt.Cpu;

/// <summary>Reads expressions back from the form that plans hold.</summary>
internal ref struct DimExprText
{
    private const int DeepestNesting = 500;

    private readonly ReadOnlySpan<char> text;
    private readonly int inputs;
    private int position;

    private DimExprText(ReadOnlySpan<char> text, int inputs)
    {
        this.text = text;
        this.inputs = inputs;
    }

    /// <summary>The expression that a text says.</summary>
    /// <param name="text">What <see cref="DimExpr.ToString"/> wrote.</param>
    /// <param name="inputs">How many network inputs there are.</param>
    /// <exception cref="FormatException">It says none, or names an input that there is not.</exception>
    public static DimExpr Parse(string text, int inputs)
    {
        DimExprText reader = new(text, inputs);
        DimExpr result = reader.Read(0);
        return reader.position == text.Length ? result : throw reader.Wrong();
    }

    public static string Symbol(DimOp op) => op switch
    {
        DimOp.Sum => "+",
        DimOp.Product => "*",
        DimOp.Max => "max",
        DimOp.Min => "min",
        DimOp.FloorDiv => "floor",
        DimOp.CeilDiv => "ceil",
        DimOp.TruncDiv => "trunc",
        DimOp.Broadcast => "bc",
        DimOp.OrElse => "or",
        DimOp.Equal => "eq",
        DimOp.Less => "lt",
        _ => throw new ArgumentOutOfRangeException(nameof(op)),
    };

    private static DimOp Operation(ReadOnlySpan<char> symbol)
    {
        for (DimOp op = DimOp.Sum; op <= DimOp.Less; op++)
        {
            if (symbol.SequenceEqual(Symbol(op)))
            {
                return op;
            }
        }

        throw new FormatException($"\"{symbol}\" is no operation of a shape expression.");
    }

    private DimExpr Read(int depth)
    {
        if (position >= text.Length || depth > DeepestNesting)
        {
            throw Wrong();
        }

        if (text[position] != '(')
        {
            return Leaf(Word());
        }

        position++;
        ReadOnlySpan<char> word = Word();
        if (word.Length > 0 && word[0] == 'u')
        {
            return Limited(word, depth);
        }

        DimOp op = Operation(word);
        List<DimExpr> operands = [];
        while (position < text.Length && text[position] == ' ')
        {
            position++;
            operands.Add(Read(depth + 1));
        }

        if (position >= text.Length || text[position] != ')' || operands.Count < 2)
        {
            throw Wrong();
        }

        position++;
        return DimExpr.Apply(op, [.. operands]);
    }

    private DimExpr Limited(ReadOnlySpan<char> word, int depth)
    {
        if (!TryPair(word, out int layer, out int index) || position >= text.Length || text[position] != ' ')
        {
            throw Wrong();
        }

        position++;
        DimExpr bound = Read(depth + 1);
        if (position >= text.Length || text[position] != ')')
        {
            throw Wrong();
        }

        position++;
        return DimExpr.Unknown(layer, index, bound);
    }

    private DimExpr Leaf(ReadOnlySpan<char> word)
    {
        if (word.Length > 0 && word[0] is 'd' or 'v' or 'u' && TryPair(word, out int input, out int index) && (input < inputs || word[0] == 'u'))
        {
            return word[0] == 'd' ? DimExpr.Extent(input, index) : word[0] == 'v' ? DimExpr.Value(input, index) : DimExpr.Unknown(input, index, null);
        }

        return long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? DimExpr.Constant(number) : throw Wrong();
    }

    /// <summary>The two numbers after a word's letter.</summary>
    private static bool TryPair(ReadOnlySpan<char> word, out int first, out int second)
    {
        int dot = word.IndexOf('.');
        first = second = 0;
        return dot > 0 && int.TryParse(word[1..dot], NumberStyles.None, CultureInfo.InvariantCulture, out first)
            && int.TryParse(word[(dot + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out second);
    }

    private ReadOnlySpan<char> Word()
    {
        int length = text[position..].IndexOfAny(' ', ')');
        length = length < 0 ? text.Length - position : length;
        ReadOnlySpan<char> word = text.Slice(position, length);
        position += length;
        return word;
    }

    private readonly FormatException Wrong() => new($"\"{text}\" is no shape expression.");
}
