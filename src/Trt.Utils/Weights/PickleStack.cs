namespace Trt.Utils;

/// <summary>The pickle machine's stack with its marks. Nothing below the last mark can be taken before the mark is gone.</summary>
internal sealed class PickleStack(string path)
{
    private readonly List<object?> items = [];
    private readonly List<int> marks = [];

    private int Fence => marks.Count == 0 ? 0 : marks[^1];

    public void Push(object? value) => items.Add(value);

    public void Mark() => marks.Add(items.Count);

    public object? Pop()
    {
        object? value = Peek();
        items.RemoveAt(items.Count - 1);
        return value;
    }

    public object? Peek() => items.Count > Fence ? items[^1] : throw Underflow();

    /// <summary>All items above the last mark; the mark goes too.</summary>
    public object?[] PopToMark()
    {
        int start = PopMark();
        object?[] values = items.GetRange(start, items.Count - start).ToArray();
        items.RemoveRange(start, items.Count - start);
        return values;
    }

    public object?[] PopTuple(int count)
    {
        if (items.Count - Fence < count)
        {
            throw Underflow();
        }

        object?[] values = items.GetRange(items.Count - count, count).ToArray();
        items.RemoveRange(items.Count - count, count);
        return values;
    }

    /// <summary>Python's POP also takes a mark that lies on top.</summary>
    public void Drop()
    {
        if (marks.Count > 0 && marks[^1] == items.Count)
        {
            marks.RemoveAt(marks.Count - 1);
        }
        else
        {
            _ = Pop();
        }
    }

    private int PopMark()
    {
        if (marks.Count == 0)
        {
            throw new TorchFormatException(path, "The pickle closes a group that it never opened. The file is damaged.");
        }

        int start = marks[^1];
        marks.RemoveAt(marks.Count - 1);
        return start;
    }

    private TorchFormatException Underflow() => new(path, "The pickle takes a value that it never gave. The file is damaged.");
}
