using Xunit;

namespace Trt.Cpu.Tests;

/// <summary>The expressions that shapes are made of: simplified, written and read back without changing their value.</summary>
public sealed class DimExprTests
{
    private static readonly DimExpr N = DimExpr.Extent(0, 0);
    private static readonly DimExpr M = DimExpr.Extent(1, 2);

    [Fact]
    public void KnownSimplifications()
    {
        Assert.Equal(N, DimExpr.FloorDiv(N * 12, DimExpr.Constant(12)));
        Assert.Equal(M, DimExpr.FloorDiv(N * M * 6, N * 6));
        Assert.Equal(DimExpr.Zero, N - N);
        Assert.Equal(DimExpr.Zero, (N + 3) - (N + 3));
        Assert.Equal(N, N + 2 + -2);
        Assert.Equal(N * M, M * N);
        Assert.Equal(N, DimExpr.Broadcast(DimExpr.One, N));
        Assert.Equal(-1, (N + 1).Visible);
        Assert.Equal(7, (DimExpr.Constant(3) + 4).Visible);
    }

    [Fact]
    public void TextReadsBackToTheSameValue()
    {
        Random random = new(7);
        for (int round = 0; round < 2000; round++)
        {
            DimExpr expression = Make(random, 5);
            Source source = new([random.Next(1, 9), random.Next(1, 9), random.Next(1, 9), random.Next(1, 9)]);
            DimExpr again = DimExprText.Parse(expression.ToString(), 4);
            Assert.Equal(expression.ToString(), again.ToString());
            Assert.Equal(Value(expression, source), Value(again, source));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("(")]
    [InlineData("(+ 1)")]
    [InlineData("(? 1 2)")]
    [InlineData("d9.0")]
    [InlineData("d0")]
    [InlineData("1 2")]
    [InlineData("(+ 1 2")]
    public void NonsenseIsRefused(string text) => Assert.Throws<FormatException>(() => DimExprText.Parse(text, 2));

    private static DimExpr Make(Random random, int depth)
    {
        if (depth == 0 || random.Next(4) == 0)
        {
            return random.Next(3) == 0 ? DimExpr.Constant(random.Next(1, 7)) : random.Next(2) == 0 ? DimExpr.Extent(random.Next(4), 0) : DimExpr.Value(random.Next(4), 0);
        }

        DimExpr left = Make(random, depth - 1);
        DimExpr right = Make(random, depth - 1);
        return random.Next(9) switch
        {
            0 => left + right,
            1 => left - right,
            2 => left * right,
            3 => DimExpr.FloorDiv(left, DimExpr.Max(right, DimExpr.One)),
            4 => DimExpr.CeilDiv(left, DimExpr.Max(right, DimExpr.One)),
            5 => DimExpr.Min(left, right),
            6 => DimExpr.Max(left, right),
            7 => DimExpr.OrElse(left, right),
            _ => DimExpr.TruncDiv(left, DimExpr.Constant(random.Next(1, 5))),
        };
    }

    private static long? Value(DimExpr expression, Source source)
    {
        try
        {
            return expression.Evaluate(source);
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    private sealed class Source(long[] numbers) : IDimSource
    {
        public long Extent(int input, int axis) => numbers[input];

        public long Value(int input, int element) => numbers[^(input + 1)];
    }
}
