using System.Collections;
using System.Runtime.CompilerServices;

namespace Trt.Lite;

/// <summary>Sorts what was given by inputs: one by itself, a dictionary by name, a tuple in the model's order, or lists of these.</summary>
internal sealed class InputSet(ModelLayout layout, InputReader[] readers)
{
    /// <exception cref="ArgumentException">Names, counts or forms do not fit.</exception>
    public GivenInput[] Read(object given)
    {
        object item = given is Input wrapped ? wrapped.Item : given;
        GivenInput[] inputs = item switch
        {
            IDictionary named => ReadNamed(named),
            ITuple tuple => ReadOrdered(tuple),
            IEnumerable list and not string when readers.Length > 1 && item is not Array { Rank: > 1 } => ReadList(list),
            _ when readers.Length == 1 => [readers[0].Read(item)],
            _ => throw NotAlone(),
        };
        for (int i = 1; i < inputs.Length; i++)
        {
            if (!inputs[i].Form.IsLike(inputs[0].Form))
            {
                throw new ArgumentException($"Input \"{layout.Inputs[0].Name}\" is given {inputs[0].Form}, but \"{layout.Inputs[i].Name}\" {inputs[i].Form}: give all inputs in the same form, with equal counts.");
            }
        }

        return inputs;
    }

    /// <summary>The value of a dictionary that has just this one; else null.</summary>
    public static object? Only(IDictionary named, string input) => named.Count == 1 ? named[input] : null;

    private string Names => readers.Length == 1 ? $"the input {layout.Inputs[0].Name}" : $"the inputs {string.Join(", ", layout.Inputs.Select(input => input.Name))}";

    private ArgumentException NotAlone() => new($"The model has {Names}: give a dictionary by name, or a tuple in this order.");

    private GivenInput[] ReadNamed(IDictionary named)
    {
        CheckNames(named);
        GivenInput[] inputs = new GivenInput[readers.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            inputs[i] = readers[i].Read(named[layout.Inputs[i].Name] ?? throw new ArgumentException($"Input \"{layout.Inputs[i].Name}\" is not given."));
        }

        return inputs;
    }

    private void CheckNames(IDictionary named)
    {
        foreach (object key in named.Keys)
        {
            if (key is not string name || layout.Inputs.All(input => input.Name != name))
            {
                throw new ArgumentException($"\"{key}\" is no input of the model, which has {Names}.");
            }
        }
    }

    private GivenInput[] ReadOrdered(ITuple tuple)
    {
        if (tuple.Length != readers.Length)
        {
            throw new ArgumentException($"A tuple of {tuple.Length} is given, but the model has {Names}.");
        }

        GivenInput[] inputs = new GivenInput[readers.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            inputs[i] = readers[i].Read(tuple[i] ?? throw new ArgumentException($"Input \"{layout.Inputs[i].Name}\" is null."));
        }

        return inputs;
    }

    /// <summary>A list of dictionaries or tuples.</summary>
    private GivenInput[] ReadList(IEnumerable list)
    {
        List<object>[] columns = [.. readers.Select(_ => new List<object>())];
        int sample = 0;
        foreach (object? element in list)
        {
            object? item = element is Input wrapped ? wrapped.Item : element;
            if (item is IDictionary given)
            {
                CheckNames(given);
            }

            for (int i = 0; i < columns.Length; i++)
            {
                object? value = item switch
                {
                    IDictionary named => named[layout.Inputs[i].Name],
                    ITuple tuple when tuple.Length == columns.Length => tuple[i],
                    _ when sample == 0 => throw NotAlone(),
                    _ => throw new ArgumentException($"Sample {sample} is neither a dictionary by name nor a tuple of {columns.Length}; the model has {Names}."),
                };
                columns[i].Add(value ?? throw new ArgumentException($"Sample {sample}: input \"{layout.Inputs[i].Name}\" is not given."));
            }

            sample++;
        }

        return [.. columns.Select((column, i) => readers[i].Read(column))];
    }
}
